/** The trace of a run, from its own object. */
import type { Steps } from "@roundhouse/protocol/api/run";
import type { Context } from "../context.ts";
import { jobRun } from "../objects.ts";
import { readRun } from "./find.ts";

export async function readSteps(ctx: Context, id: string): Promise<Steps> {
  await readRun(ctx.db, id);
  return { items: await jobRun(ctx.env, id).steps() };
}
