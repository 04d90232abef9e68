/** How tools show a run: what it says, cut, and which approvals it waits for. */
import { Approval, Run } from "@roundhouse/protocol/api/run";
import * as z from "zod";
import { listApprovals } from "../services/approval/list.ts";
import type { Context } from "../services/context.ts";
import { shorten } from "./result.ts";

const MAX_OUTPUT_CHARACTERS = 8000;
/** A run asks about a few calls at a time. */
const MAX_APPROVALS = 20;

const Awaited = Approval.pick({ id: true, kind: true, tool: true, nodeName: true, expiresAt: true });

export const ShownRun = z.object({
  run: z.object(Run.shape),
  /** What it waits for. */
  approvals: z.array(Awaited),
});
export type ShownRun = z.infer<typeof ShownRun>;

export async function showRun(ctx: Context, run: Run): Promise<ShownRun> {
  const output = run.output === null ? null : shorten(run.output, MAX_OUTPUT_CHARACTERS);
  return { run: { ...run, output }, approvals: run.status === "waiting" ? await readAwaited(ctx, run.id) : [] };
}

async function readAwaited(ctx: Context, run: string): Promise<Approval[]> {
  return (await listApprovals(ctx, { run, status: "pending", limit: MAX_APPROVALS })).items;
}

export function runText({ run, approvals }: ShownRun): string {
  const { id, jobName, status, turns, usage, doing, failure, output } = run;
  const spent = `${turns} turns, ${usage.inputTokens + usage.outputTokens} tokens`;
  const lines = [`Run ${id} of job ${jobName}: ${status}${run.dry ? " (dry)" : ""}; ${spent}`];
  if (doing !== null) lines.push(`It is at: ${doing}`);
  if (failure !== null) lines.push(`It failed: ${failure.code}: ${failure.message}`);
  for (const { id: asked, tool, nodeName } of approvals) {
    lines.push(`It waits for approval ${asked}: ${tool} on ${nodeName ?? "no node"}; list_approvals shows the call.`);
  }
  if (output !== null) lines.push(`Its model said: ${output}`);
  return lines.join("\n");
}
