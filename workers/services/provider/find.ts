/** Finds a provider by id, or by name where a person may have typed it. */
import { eq, or, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { providers } from "../../db/providers.ts";
import { ServiceError } from "../error.ts";
import type { ProviderRow } from "./show.ts";

/** Throws `not_found`. */
export async function readProvider(db: Database, idOrName: string): Promise<ProviderRow> {
  const row = await findProvider(db, idOrName);
  if (row) return row;
  throw new ServiceError("not_found", `There is no provider ${JSON.stringify(idOrName)}.`, {
    hint: "GET /api/providers lists them.",
  });
}

/** For references inside an input. Throws `unknown_provider`. */
export async function resolveProvider(db: Database, idOrName: string): Promise<ProviderRow> {
  const row = await findProvider(db, idOrName);
  if (row) return row;
  throw new ServiceError("unknown_provider", `provider: there is no provider ${JSON.stringify(idOrName)}.`, {
    hint: "Give the id or the name of a provider from GET /api/providers.",
  });
}

async function findProvider(db: Database, idOrName: string): Promise<ProviderRow | undefined> {
  const byName = eq(sql`lower(${providers.name})`, sql`lower(${idOrName})`);
  const rows = await db
    .select()
    .from(providers)
    .where(or(eq(providers.id, idOrName), byName));
  return rows.find((row) => row.id === idOrName) ?? rows[0];
}
