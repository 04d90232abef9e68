/** The slug of an instance: the name in its URL. No other has it, had it, or has a folder of that name. */
import { and, eq, exists, like, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { freeSlug, slugify } from "@roundhouse/protocol/slug";
import type { Database } from "../../db/database.ts";
import { formerSlugs } from "../../db/former-slugs.ts";
import { instances } from "../../db/instances.ts";
import { isUniqueViolation } from "../error.ts";

const ATTEMPTS = 5;

/** A free one for the name. What `ownId` has, or had, is free to itself. */
export async function pickSlug(db: Database, name: string, ownId?: string): Promise<string> {
  const slug = slugify(name);
  const begin = `${slug}%`;
  const [present, former] = await db.batch([
    db
      .select({ id: instances.id, slug: instances.slug, folder: instances.folder })
      .from(instances)
      .where(sql`${like(instances.slug, begin)} OR ${like(instances.folder, begin)}`),
    db
      .select({ id: formerSlugs.instanceId, slug: formerSlugs.slug, folder: formerSlugs.slug })
      .from(formerSlugs)
      .where(like(formerSlugs.slug, begin)),
  ]);
  const others = [...present, ...former].filter((one) => one.id !== ownId);
  return freeSlug(slug, new Set(others.flatMap((one) => [one.slug, one.folder])));
}

/** Writes what has a slug from {@link pickSlug}: again with another one while others are faster. */
export async function untilSlugIsFree<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt === ATTEMPTS || !isUniqueViolation(error, "instances.slug")) throw error;
    }
  }
}

/** Remembers the slug it leaves and takes back the one it comes to, if it has come to it. */
export function keepFormerSlug(db: Database, id: string, from: string, to: string, now: Date): BatchItem<"sqlite">[] {
  const isThere = and(eq(instances.id, id), eq(instances.slug, to));
  const present = db
    .select({ one: sql`1` })
    .from(instances)
    .where(isThere);
  const left = db
    .select({
      slug: sql<string>`${from}`.as("slug"),
      instanceId: instances.id,
      leftAt: sql<Date>`${now.getTime()}`.as("left_at"),
    })
    .from(instances)
    .where(isThere);
  return [
    db.delete(formerSlugs).where(and(eq(formerSlugs.slug, to), eq(formerSlugs.instanceId, id), exists(present))),
    db.insert(formerSlugs).select(left).onConflictDoNothing(),
  ];
}

/** The slug of the instance that was once called so. */
export async function findPresentSlug(db: Database, former: string): Promise<string | undefined> {
  const [found] = await db
    .select({ slug: instances.slug })
    .from(formerSlugs)
    .innerJoin(instances, eq(instances.id, formerSlugs.instanceId))
    .where(and(eq(formerSlugs.slug, former), sql`${instances.deletedAt} IS NULL`));
  return found?.slug;
}
