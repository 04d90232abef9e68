/** Opens a secret at the moment of its use. What comes of it is kept nowhere and shown to nobody. */
import { eq, inArray } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { secrets } from "../../db/secrets.ts";
import { ServiceError } from "../error.ts";
import type { MasterKeys } from "./key.ts";
import { open } from "./seal.ts";

/** Throws `unknown_secret`, and `conflict` for one that cannot be opened. */
export async function revealSecret(env: MasterKeys, db: Database, name: string): Promise<string> {
  const [row] = await db.select().from(secrets).where(eq(secrets.name, name));
  if (!row) throw unknownSecret(name);
  return open(env, row);
}

/** Several as they are at one moment, by their names; at most 100. Throws as {@link revealSecret}. */
export async function revealSecrets(
  env: MasterKeys,
  db: Database,
  names: readonly string[],
): Promise<Record<string, string>> {
  const rows =
    names.length === 0
      ? []
      : await db
          .select()
          .from(secrets)
          .where(inArray(secrets.name, [...names]));
  const lost = names.find((name) => !rows.some((row) => row.name === name));
  if (lost !== undefined) throw unknownSecret(lost);
  const opened = await Promise.all(rows.map(async (row) => [row.name, await open(env, row)] as const));
  return Object.fromEntries(opened);
}

/** For references inside an input. Throws `unknown_secret`. */
export async function requireSecret(db: Database, name: string): Promise<void> {
  const [row] = await db.select({ name: secrets.name }).from(secrets).where(eq(secrets.name, name));
  if (!row) throw unknownSecret(name);
}

function unknownSecret(name: string): ServiceError {
  return new ServiceError("unknown_secret", `secret: there is no secret ${JSON.stringify(name)}.`, {
    hint: "GET /api/secrets lists their names; an admin makes new ones with POST /api/secrets.",
  });
}
