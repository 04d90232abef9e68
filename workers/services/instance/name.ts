/** Names of instances are unique without regard to case; a tombstone's name is free. */
import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { ServiceError } from "../error.ts";

/** Throws `name_taken`. `ownId` is the instance that is renamed, unless it is new. */
export async function refuseTakenName(db: Database, name: string, ownId?: string): Promise<void> {
  const isSame = eq(sql`lower(${instances.name})`, sql`lower(${name})`);
  const isOther = ownId === undefined ? undefined : ne(instances.id, ownId);
  const [taken] = await db
    .select({ name: instances.name })
    .from(instances)
    .where(and(isSame, isNull(instances.deletedAt), isOther))
    .limit(1);
  if (taken) throw nameTaken(taken.name);
}

export function nameTaken(name: string, cause?: unknown): ServiceError {
  return new ServiceError("name_taken", `name: an instance is called ${JSON.stringify(name)} already.`, {
    hint: "Names are compared without regard to case. Choose another one.",
    cause,
  });
}
