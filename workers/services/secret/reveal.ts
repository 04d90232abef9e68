/** Reads a secret's value. */
import { eq } from "drizzle-orm";
import { fromBase64url } from "@roundhouse/protocol/ids";
import type { Database } from "../../db/database.ts";
import { secrets } from "../../db/secrets.ts";
import type { Env } from "../../env.ts";
import { ServiceError } from "../error.ts";

export async function revealSecret(_env: Env, db: Database, name: string): Promise<string> {
  const [row] = await db.select().from(secrets).where(eq(secrets.name, name));
  if (!row) throw new ServiceError("unknown_secret", `There is no secret ${JSON.stringify(name)}.`);
  return new TextDecoder().decode(fromBase64url(row.sealed));
}
