/** What a run's journal is made of: facts about the run, and steps. Everything in it is as it may be shown. */
import type { Approval, RunFailure } from "@roundhouse/protocol/api/run";
import type { RunMcpTool } from "../../services/mcp-server/for-run.ts";
import type { AskedRun } from "../../services/run/asked.ts";

export type Arguments = Readonly<Record<string, unknown>>;
export type NodeName = { id: string; name: string };

export type RunFacts = Omit<AskedRun, "createdAt"> & { startedAt: number };

/** A tool of an MCP server, by the name that the model knows it by. It is called where its server is. */
export type GroundTool = RunMcpTool & { name: string };

/** What the model is told before its first turn, the nodes that its calls may go to, and what MCP servers have for it there. */
export type Ground = { nodes: NodeName[]; system: string; task: string; mcp?: GroundTool[] };

export type Spent = { inputTokens: number; outputTokens: number; money: number };

/** Time that counts: `sinceMs` is when it began to run again, null while a person is waited for. */
export type Clock = { usedMs: number; sinceMs: number | null };

export type Outcome =
  | { status: "succeeded"; output: string }
  | { status: "failed"; failure: { code: RunFailure; message: string } }
  | { status: "cancelled"; by: string };
export type End = { outcome: Outcome; at: number };

/** How a provider wants to be asked; learnt from its refusals. */
export type Manner = {
  fenced: boolean;
  limitField: "max_tokens" | "max_completion_tokens";
  streamUsage: boolean;
  maxOutputTokens: number;
};
/** Which of the job's models is asked. */
export type Choice = { index: number; manner: Manner };

type RowBase = { seq: number; turn: number; startedAt: number; endedAt: number | null };

/** A call as the model said it. `arguments` stays text where it is no JSON object. */
export type SaidCall = { id: string; name: string; arguments: Arguments | string };

/** `asking`: on its way, or cut off. `resting`: asked again at `notBefore`. */
export type ModelRow = RowBase & {
  kind: "model";
  state: "asking" | "resting" | "succeeded" | "failed";
  provider: string;
  model: string;
  fenced: boolean;
  attempts: number;
  /** Of these, how often this very model failed in a row. */
  failures: number;
  notBefore: number;
  /** What was set aside for the attempt under way. */
  reserved: Spent | null;
  /** Of all attempts. */
  usage: Spent | null;
  /** The size of what the last attempt asked, and how many tokens the provider counted in it (null: it did not say). */
  asked: { bytes: number; tokens: number | null };
  text: string | null;
  calls: SaidCall[];
  error: string | null;
};

/**
 * `new`: not decided on. `asking`: a person is to be asked. `waiting`: one was. `ready`: may be made. `sent`: may have been
 * made; its id tells. `done`: `status` and `result` say how it ended.
 */
export type ToolState = "new" | "asking" | "waiting" | "ready" | "sent" | "done";
export type ToolStatus = "succeeded" | "failed" | "refused" | "unknown" | "cancelled";

export type ToolRow = RowBase & {
  kind: "tool";
  state: ToolState;
  status: ToolStatus | null;
  callId: string;
  /** Which call of which model step it answers. */
  answers: { seq: number; index: number };
  tool: string;
  node: NodeName | null;
  arguments: Arguments;
  /** The arguments as they are sent, encrypted, where they hold a secret. */
  sealed: string | null;
  digest: string;
  /** Of a tool of an MCP server: the definition under which it may be called. */
  mcp?: { server: string; tool: string; pin: string } | null;
  /** How often it was kept back, although its tool seemed to be what was approved. */
  keptBack?: number;
  /** `definition` is the hash of what a person is shown, where it is asked about. */
  question: { id: string; kind: Approval["kind"]; expiresAt: number; definition?: string } | null;
  /** The approval under which it is made. */
  approval: string | null;
  generation: number | null;
  notBefore: number;
  /** How often in a row its node could not be asked. */
  misses: number;
  result: string | null;
  exitCode: number | null;
};

/** `tells`: the model is told as well, that its answer is no such output as the job wants, or that it was cut off. */
export type NoteRow = RowBase & { kind: "note"; text: string; tells: "nobody" | "bad output" | "cut off" };

export type Row = ModelRow | ToolRow | NoteRow;

/** What is still to be done for the world outside, in any order, again until it is done. */
export type Duty = { name: string; at: number; attempts: number };
