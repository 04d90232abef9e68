/** Cancels a run, wherever it is: queued, at work, or waiting for a person. */
import { isOver, type Run } from "@roundhouse/protocol/api/run";
import { attempt } from "../attempt.ts";
import { nameOfActor } from "../audit/actor.ts";
import type { Context } from "../context.ts";
import { jobRun } from "../objects.ts";
import { readRun } from "./find.ts";
import { toRun } from "./show.ts";

/** One that is over stays as it is. Throws when its object cannot be reached. */
export async function cancelRun(ctx: Context, id: string): Promise<Run> {
  const row = await readRun(ctx.db, id);
  if (isOver(row.status)) return toRun(row);
  const by = await nameOfActor(ctx);
  const failure = await attempt(() => jobRun(ctx.env, id).cancel(by));
  if (failure !== undefined) throw failure;
  return toRun(await readRun(ctx.db, id));
}
