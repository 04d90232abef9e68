/** Reads one run. */
import type { Run } from "@roundhouse/protocol/api/run";
import type { Context } from "../context.ts";
import { readRun } from "./find.ts";
import { toRun } from "./show.ts";

export async function getRun(ctx: Context, id: string): Promise<Run> {
  return toRun(await readRun(ctx.db, id));
}
