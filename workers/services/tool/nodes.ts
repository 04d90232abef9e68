/** The nodes that a job names: by id, by name, or by label. */
import { type Decision, isWider, judge, type PolicyCall, type Verdict } from "@roundhouse/protocol/policy";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { isMeant } from "../job/nodes.ts";
import { onlineNodes } from "../node/liveness.ts";
import type { NodeRow } from "../node/show.ts";

/** A node, and whether it is connected at this moment. */
export type JobNode = { row: NodeRow; online: boolean };

/** Those that are there, each once, the earliest first; and the references that nothing answers to. */
export async function resolveJobNodes(
  ctx: Context,
  references: readonly string[],
): Promise<{ found: JobNode[]; missing: string[] }> {
  const rows = await ctx.db.select().from(nodes).orderBy(nodes.createdAt, nodes.id);
  const named = rows.filter((row) => references.some((reference) => isMeant(row, reference)));
  const online = await onlineNodes(ctx, named);
  return {
    found: named.map((row) => ({ row, online: online.has(row.id) })),
    missing: references.filter((reference) => !rows.some((row) => isMeant(row, reference))),
  };
}

/** What the control plane says of a call, and why: the narrower of the job's word and the node's policy. */
export function judgeCall(node: NodeRow, jobSays: Decision = "allow", call: PolicyCall): Verdict {
  const verdict = judge(node.policy, node.policyCeiling, call);
  if (!isWider(verdict.decision, jobSays)) return verdict;
  return { decision: jobSays, because: `the job says "${jobSays}" to ${call.tool}` };
}
