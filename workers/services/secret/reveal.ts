/** The value of a secret, at the moment of its use. */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { secrets } from "../../db/secrets.ts";
import type { Env } from "../../env.ts";
import { ServiceError } from "../error.ts";

/** Throws `unknown_secret`. */
export async function revealSecret(_env: Env, db: Database, name: string): Promise<string> {
  const [row] = await db.select().from(secrets).where(eq(secrets.name, name));
  if (row) return row.sealed;
  throw new ServiceError("unknown_secret", `There is no secret ${JSON.stringify(name)}.`);
}
