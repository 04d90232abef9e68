/** What every verb gets: the database, the bindings, who asks, and one clock reading for the whole request. */
import { openDatabase, type Database } from "../db/database.ts";
import type { Env } from "../env.ts";
import type { Actor } from "./actor.ts";

export type Context = { db: Database; env: Env; actor: Actor; now: Date };

export function makeContext(env: Env, actor: Actor): Context {
  return { db: openDatabase(env.DB), env, actor, now: new Date() };
}
