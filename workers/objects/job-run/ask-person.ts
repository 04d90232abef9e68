/** A person's word on a call: the question, and what follows from the answer. */
import { digestOfCall } from "@roundhouse/protocol/tool-call";
import { NATIVE_TOOLS } from "@roundhouse/protocol/tools";
import { type Answer, askApproval, readAnswer } from "../../services/tool/approval.ts";
import { diffOfWrite, type ReadPart } from "../../services/tool/diff.ts";
import { sendCall } from "../../services/tool/send.ts";
import { changedDefinition, pinDefinition } from "./ask-definition.ts";
import { type CallDeps, close, type Question, repeat } from "./call-rows.ts";
import type { Journal } from "./journal.ts";
import type { Arguments, ToolRow } from "./rows.ts";

export async function ask(
  deps: CallDeps,
  row: ToolRow,
  { args, signal }: { args: Arguments; signal: AbortSignal },
): Promise<void> {
  const asked = row.question;
  if (!asked) throw new Error(`call ${row.callId} has no question`);
  if (asked.kind === "definition") {
    const change = await changedDefinition(deps, row, asked);
    return change && putQuestion(deps, change.row, change);
  }
  const diff = await diffOf(deps, row, { args, signal });
  await putQuestion(deps, row, { asked, diff });
}

async function putQuestion(
  deps: CallDeps,
  row: ToolRow,
  { asked, diff }: { asked: Question; diff: string | null },
): Promise<void> {
  const { journal } = deps;
  const { id: runId, jobId, jobName } = journal.need("run");
  if (journal.isOver) return;
  await askApproval(deps.ctx(), {
    ...{ id: asked.id, kind: asked.kind, runId, jobId, jobName, tool: row.tool, digest: row.digest },
    ...{ nodeId: row.node?.id ?? null, nodeName: row.node?.name ?? null, arguments: { ...row.arguments } },
    diff: diff === null ? null : journal.shown(diff),
    expiresAt: new Date(asked.expiresAt),
  });
  // A run that was ended meanwhile may have withdrawn its questions before this one was there.
  if (journal.isOver) journal.addDuty("approvals", Date.now());
  else journal.put({ ...row, state: "waiting" });
}

async function diffOf(
  { ctx, journal }: CallDeps,
  row: ToolRow,
  { args, signal }: { args: Arguments; signal: AbortSignal },
): Promise<string | null> {
  if (row.tool !== "write_file" || !row.node) return null;
  const nodeId = row.node.id;
  const runId = journal.need("run").id;
  const read: ReadPart = async (part, path, offset) => {
    const call = { tool: "read_file", arguments: { path, offset } };
    const id = `${row.question?.id ?? row.callId}-${part}`;
    // Only the person who is asked gets to see it, so a node that asks before it lets read has its approval.
    const approval = { id, digest: await digestOfCall(call) };
    return sendCall(ctx(), nodeId, { id, request: { ...call, runId, approval }, signal });
  };
  return diffOfWrite(NATIVE_TOOLS.write_file.input.parse(args), read);
}

/** Reads what became of a question. */
export async function look({ ctx, journal }: Pick<CallDeps, "ctx" | "journal">, row: ToolRow): Promise<void> {
  const asked = row.question;
  if (!asked) throw new Error(`call ${row.callId} has no question`);
  const answer = await readAnswer(ctx(), asked.id);
  if (journal.isOver || answer?.status === "pending") return;
  if (answer?.status === "approved") {
    if (asked.kind === "definition") return pinDefinition({ ctx, journal }, row, { asked, by: answer.decidedBy });
    return onApproved(journal, row, asked);
  }
  const words = refusalInWords(answer);
  if (asked.kind !== "unknown") close(journal, row, "refused", words);
  else close(journal, row, "unknown", `${row.result ?? ""} It was not made again: ${words}`);
}

function onApproved(journal: Journal, row: ToolRow, { id, kind }: Question): void {
  if (kind === "tool") journal.put({ ...row, state: "ready", approval: id });
  else repeat(journal, row, { approval: id, words: `${row.result ?? ""} A person decided to make it again.` });
}

function refusalInWords(answer: Answer | undefined): string {
  if (answer?.status !== "denied") return "Nobody decided on this call in time.";
  const reason = answer.reason === null ? "" : ` The reason: ${answer.reason}`;
  return `${answer.decidedBy ?? "A person"} denied this call.${reason}`;
}
