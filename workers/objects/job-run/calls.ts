/**
 * A call of a tool, from what the model said to what it is told: decided on, asked about where that is wished, sent under an
 * id that is in the journal first, and sent again under that id after any doubt.
 */
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { ToolCallAnswer } from "@roundhouse/protocol/tool-call";
import { qualifiedTool, splitTool } from "@roundhouse/protocol/mcp";
import { isNativeTool, isPoolTool, natureOf } from "@roundhouse/protocol/tools";
import type { Decision } from "@roundhouse/protocol/policy";
import { ServiceError } from "../../services/error.ts";
import { findNode } from "../../services/node/find.ts";
import { findStandingApproval } from "../../services/tool/approval.ts";
import { judgeCall } from "../../services/tool/nodes.ts";
import { callPoolTool, countsTwice, type PoolTool, readGeneration } from "../../services/tool/pool.ts";
import { openArguments } from "../../services/tool/sealed.ts";
import { sendCall } from "../../services/tool/send.ts";
import { ask } from "./ask-person.ts";
import { type CallDeps, close, question, repeat } from "./call-rows.ts";
import { finish } from "./finish.ts";
import type { Journal } from "./journal.ts";
import type { Arguments, RunFacts, ToolRow } from "./rows.ts";
import { unlessAborted } from "./timed.ts";

/** Waits after a node could not be asked. */
const MISS_MS = [500, 1_000, 2_000, 5_000, 10_000, 15_000];
/** A node that answers `running` at once is not asked again at once. */
const POLL_MS = 1_000;

/** Takes one call as far as it goes by itself now. What it cannot go on with stays in the journal. */
export async function handleCall(deps: CallDeps, seq: number, signal: AbortSignal): Promise<void> {
  try {
    for (let row = openRow(deps.journal, seq); row; row = openRow(deps.journal, seq)) {
      const isUnderWay = await oneStep(deps, row, signal);
      if (!isUnderWay) return;
    }
  } catch (error) {
    const row = openRow(deps.journal, seq);
    if (signal.aborted || !row) return;
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === "node_offline") return miss(deps, row);
    close(deps.journal, row, "failed", [error.message, error.hint ?? ""].filter(Boolean).join(" "));
  }
}

/** The row, while the run goes on and the call is neither over nor a person's matter. */
function openRow(journal: Journal, seq: number): ToolRow | undefined {
  if (journal.isOver) return undefined;
  const row = journal.rows.find((kept): kept is ToolRow => kept.kind === "tool" && kept.seq === seq);
  return row && row.state !== "done" && row.state !== "waiting" ? row : undefined;
}

/** False: there is something to be waited for. */
async function oneStep(deps: CallDeps, row: ToolRow, signal: AbortSignal): Promise<boolean> {
  switch (row.state) {
    case "new":
      await decideOn(deps, row);
      return true;
    case "asking":
      await ask(deps, row, { args: await argumentsOf(deps, row), signal });
      return (openRow(deps.journal, row.seq)?.notBefore ?? 0) <= Date.now();
    case "ready":
    case "sent":
      return make(deps, row, signal);
    case "waiting":
    case "done":
      return false;
    default:
      return unreachable(row.state);
  }
}

/** As they are sent. */
async function argumentsOf({ ctx, journal }: CallDeps, { sealed, arguments: args }: ToolRow): Promise<Arguments> {
  return sealed === null ? args : openArguments(ctx().env, journal.need("run").id, sealed);
}

async function decideOn(deps: CallDeps, row: ToolRow): Promise<void> {
  const { journal } = deps;
  const { spec, jobId } = journal.need("run");
  const node = row.node && (await findNode(deps.ctx().db, row.node.id));
  if (!node) return close(journal, row, "refused", "That node was removed from the pool.");
  const call = { tool: row.tool, arguments: await argumentsOf(deps, row) };
  const { decision, because } = judgeCall(node, wordOf(spec, row.tool), call);
  if (decision === "allow") {
    journal.put({ ...row, state: "ready" });
    return;
  }
  if (decision === "deny") {
    const words = `This call of ${row.tool} is not allowed on node ${JSON.stringify(node.name)}: ${because}.`;
    return close(journal, row, "refused", words);
  }
  await askUnlessStanding(deps, row, { jobId, nodeId: node.id });
}

/** What the job says of a tool: by its name, or of all tools of its server. */
function wordOf({ toolDecisions }: Pick<RunFacts["spec"], "toolDecisions">, tool: string): Decision | undefined {
  const server = splitTool(tool)?.server;
  return toolDecisions[tool] ?? (server === undefined ? undefined : toolDecisions[qualifiedTool(server, "*")]);
}

async function askUnlessStanding(
  { ctx, journal }: CallDeps,
  row: ToolRow,
  { jobId, nodeId }: { jobId: string; nodeId: string },
): Promise<void> {
  const standing = await findStandingApproval(ctx(), { jobId, nodeId, digest: row.digest });
  if (standing === undefined) journal.put({ ...row, state: "asking", question: question(journal, "tool") });
  else journal.put({ ...row, state: "ready", approval: standing });
}

async function make(deps: CallDeps, row: ToolRow, signal: AbortSignal): Promise<boolean> {
  deps.say(`${row.tool} on ${row.node?.name ?? "the pool"}`);
  const { tool } = row;
  return isNativeTool(tool) && isPoolTool(tool) ? makeHere(deps, row, tool as PoolTool) : makeThere(deps, row, signal);
}

/** In the control plane. The generation that a verb is made at is in the journal before it is made. */
async function makeHere(deps: CallDeps, row: ToolRow, tool: PoolTool): Promise<boolean> {
  const { journal } = deps;
  const call = { nodeId: row.node?.id ?? "", tool, arguments: await argumentsOf(deps, row) };
  if (countsTwice(tool) && row.generation === null) {
    journal.put({ ...row, generation: await readGeneration(deps.ctx(), call) });
    return true;
  }
  journal.put({ ...row, state: "sent" });
  const content = await callPoolTool(deps.ctx(), { ...call, generation: row.generation });
  const still = openRow(journal, row.seq);
  if (still) close(journal, still, "succeeded", content);
  return false;
}

async function makeThere(deps: CallDeps, row: ToolRow, signal: AbortSignal): Promise<boolean> {
  const { journal } = deps;
  const args = await argumentsOf(deps, row);
  journal.put({ ...row, state: "sent" });
  const began = Date.now();
  const request = {
    tool: row.tool,
    arguments: { ...args },
    runId: journal.need("run").id,
    approval: row.approval === null ? null : { id: row.approval, digest: row.digest },
    ...(row.mcp ? { mcp: row.mcp } : {}),
  };
  const sending = sendCall(deps.ctx(), row.node?.id ?? "", { id: row.callId, request, signal });
  const answer = await unlessAborted(sending, signal);
  const still = openRow(journal, row.seq);
  if (!still) return false;
  return takeAnswer(deps, still, { answer, began });
}

function takeAnswer(
  { journal }: CallDeps,
  row: ToolRow,
  { answer, began }: { answer: ToolCallAnswer; began: number },
): boolean {
  switch (answer.state) {
    case "running":
      journal.put({ ...row, misses: 0, notBefore: Math.max(Date.now(), began + POLL_MS) });
      return false;
    case "done":
      close(journal, row, answer.result.ok ? "succeeded" : "failed", answer.result.content, answer.result.exitCode);
      return false;
    case "refused":
      if (answer.code === "definition_changed" && row.mcp) {
        journal.put({ ...row, state: "asking", question: question(journal, "definition"), result: answer.message });
        return true;
      }
      if (answer.code !== "needs_approval" || row.approval !== null) {
        close(journal, row, "refused", answer.message);
        return false;
      }
      journal.put({ ...row, state: "asking", question: question(journal, "tool") });
      return true;
    case "unknown":
      return onUnknown(journal, row, answer.message);
    default:
      return unreachable(answer);
  }
}

/** A call that only reads is made again; for all others the job says what then. */
function onUnknown(journal: Journal, row: ToolRow, message: string): boolean {
  const words = `Nobody knows whether this call was carried out, or how far: ${message}`;
  if (isNativeTool(row.tool) && natureOf(row.tool, row.arguments) === "read") {
    repeat(journal, row, { approval: row.approval, words });
    return false;
  }
  const { onUnknown: wish } = journal.need("run").spec;
  switch (wish) {
    case "ask":
      journal.put({ ...row, state: "asking", question: question(journal, "unknown"), result: words });
      return true;
    case "continue":
      close(journal, row, "unknown", words);
      return false;
    case "fail": {
      close(journal, row, "unknown", words);
      const failure = { code: "unknown_outcome" as const, message: `${row.tool} (${row.callId}): ${words}` };
      finish(journal, { status: "failed", failure }, Date.now());
      return false;
    }
    default:
      return unreachable(wish);
  }
}

function miss({ journal, say }: CallDeps, row: ToolRow): void {
  const delay = MISS_MS[Math.min(row.misses, MISS_MS.length - 1)] ?? 0;
  journal.put({ ...row, misses: row.misses + 1, notBefore: Date.now() + delay });
  say(`waiting for node ${JSON.stringify(row.node?.name ?? "")}, for ${row.tool}`);
}
