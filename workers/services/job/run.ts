/** Runs a job because a person, or a program with a key, asks for it. */
import type { RunJob } from "@roundhouse/protocol/api/job";
import type { Run } from "@roundhouse/protocol/api/run";
import { derivedId, newId } from "@roundhouse/protocol/ids";
import type * as z from "zod";
import { nameOfActor } from "../audit/actor.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { startRun } from "../run/start.ts";
import { toRun } from "../run/show.ts";
import { readJob } from "./find.ts";

/** With a key, the same key of the same job is the same run, however often it is asked for. Disabled jobs run, too. */
export async function runJob(
  ctx: Context,
  reference: string,
  { dry, data }: z.output<typeof RunJob>,
  key?: string,
): Promise<Run> {
  const { id: jobId } = await readJob(ctx.db, reference);
  const runId = key === undefined ? newId("run") : await derivedId("run", JSON.stringify(["asked", jobId, key]));
  const trigger = { kind: "person" as const, by: await nameOfActor(ctx) };
  const row = await startRun(ctx, { runId, jobId, trigger, dry, data });
  if (row) return toRun(row);
  throw new ServiceError("not_found", `The job ${JSON.stringify(reference)} was deleted at the same moment.`);
}
