/** A job as its form has it: numbers and the schema are texts until they are sent. */
import type { Job, JobInput, Trigger } from "@roundhouse/protocol/api/job";
import type { Decision } from "@roundhouse/protocol/policy";
import { readJson } from "./json-text.ts";

type NumberLimit = "turns" | "minutes" | "tokens" | "money" | "concurrency" | "approvalHours";

export type JobDraft = Omit<JobInput, "limits" | "output" | "triggers"> & {
  limits: Record<NumberLimit, string> & { whenBusy: JobInput["limits"]["whenBusy"] };
  output: { kind: "text" | "json"; schema: string };
  triggers: readonly Trigger[];
};

const SCHEMA = {
  type: "object",
  properties: { ok: { type: "boolean" }, summary: { type: "string" } },
  required: ["ok", "summary"],
};

export function emptyDraft(): JobDraft {
  return {
    ...{ name: "", instructions: "", nodes: [], provider: "", model: "", fallbacks: [], tools: [], toolDecisions: {} },
    ...{ triggers: [], notify: null, secrets: [], onUnknown: "ask", enabled: true },
    limits: {
      ...{ turns: "20", minutes: "30", tokens: "500000", money: "", concurrency: "1", approvalHours: "72" },
      whenBusy: "queue",
    },
    output: { kind: "text", schema: JSON.stringify(SCHEMA, null, 2) },
  };
}

export function draftOf(job: Job): JobDraft {
  const { id: _, nextRunAt: _next, lastRun: _last, createdAt: _made, updatedAt: _changed, ...fields } = job;
  const { turns, minutes, tokens, money, concurrency, approvalHours, whenBusy } = job.limits;
  const numbers = { turns, minutes, tokens, money: money ?? "", concurrency, approvalHours };
  const texts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
  const { output } = job;
  return {
    ...fields,
    limits: { ...(texts as Record<NumberLimit, string>), whenBusy },
    output: {
      kind: output.kind,
      schema: output.kind === "json" ? JSON.stringify(output.schema, null, 2) : emptyDraft().output.schema,
    },
  };
}

/** What is sent. A number that is none goes as it was typed: the answer quotes it. */
export function bodyOf(draft: JobDraft) {
  const { whenBusy, ...numbers } = draft.limits;
  const limits = Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, asTyped(text)]));
  const { kind, schema } = draft.output;
  const decisions = Object.entries(draft.toolDecisions).filter(([tool]) => draft.tools.includes(tool));
  return {
    ...draft,
    toolDecisions: Object.fromEntries(decisions),
    limits: { ...limits, money: numbers.money.trim() === "" ? null : limits["money"], whenBusy },
    output: kind === "text" ? { kind } : { kind, schema: parsed(schema) },
  };
}

/** Why the text cannot be a schema; undefined for one that can. */
export function schemaProblem(text: string): string | undefined {
  const read = readSchema(text);
  return "problem" in read ? read.problem : undefined;
}

function readSchema(text: string): ReturnType<typeof readJson> {
  const read = readJson(text);
  if ("problem" in read) return { problem: `This is no JSON: ${read.problem}` };
  const isObject = typeof read.value === "object" && read.value !== null && !Array.isArray(read.value);
  return isObject ? read : { problem: "A JSON schema is an object: { … }." };
}

/** `undefined`: as the node says. */
export function withDecision(draft: JobDraft, tool: string, decision: Decision | undefined): JobDraft["toolDecisions"] {
  const { [tool]: _, ...others } = draft.toolDecisions;
  return decision === undefined ? others : { ...others, [tool]: decision };
}

/** `list` with another item at `index`, or without it. */
export function replacedAt<T>(list: readonly T[], index: number, item: T | undefined): T[] {
  return list.flatMap((other, at) => (at !== index ? [other] : item === undefined ? [] : [item]));
}

function asTyped(text: string): number | string {
  const trimmed = text.trim();
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

/** What is no schema goes as it is typed, so that the API says what is wrong with it. */
function parsed(text: string): unknown {
  const read = readSchema(text);
  return "value" in read ? read.value : text;
}
