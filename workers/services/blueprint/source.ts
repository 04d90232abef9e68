/** Sources pinned by digest. */
import { eq, notExists, sql } from "drizzle-orm";
import { hashSecret } from "@roundhouse/protocol/ids";
import type { BlueprintKind } from "@roundhouse/protocol/instance";
import { blueprintSources } from "../../db/blueprint-sources.ts";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";

export type PinnedSource = { digest: string; name: string; kind: BlueprintKind; source: string };

/** SHA-256 of the source's UTF-8 bytes, base64url. */
export function digestOf(source: string): Promise<string> {
  return hashSecret(source);
}

export async function findSource(db: Database, digest: string): Promise<PinnedSource | undefined> {
  const [row] = await db.select().from(blueprintSources).where(eq(blueprintSources.digest, digest));
  return row;
}

/** Keeps a source until no instance has it. */
export async function pinSource(db: Database, source: PinnedSource): Promise<void> {
  await db.insert(blueprintSources).values(source).onConflictDoNothing();
}

/** Forgets the sources that no instance was made from. */
export async function dropUnusedSources(db: Database): Promise<void> {
  const users = db
    .select({ one: sql`1` })
    .from(instances)
    .where(eq(instances.blueprintDigest, blueprintSources.digest));
  await db.delete(blueprintSources).where(notExists(users));
}
