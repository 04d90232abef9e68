/** The journal as it is shown: the steps of the API, and the row that the database keeps. Pure. */
import type { ModelStep, RunStatus, Step, ToolStep } from "@roundhouse/protocol/api/run";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { RunReport } from "../../services/run/report.ts";
import type { Journal } from "./journal.ts";
import { NOTHING } from "./limits.ts";
import type { ModelRow, Row, ToolRow } from "./rows.ts";

export function toStep(row: Row): Step {
  const { seq, turn, startedAt, endedAt } = row;
  const base = {
    ...{ seq, turn, startedAt: new Date(startedAt).toISOString() },
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
  switch (row.kind) {
    case "model":
      return { ...base, ...modelParts(row) };
    case "tool":
      return { ...base, ...toolParts(row) };
    case "note":
      return { ...base, kind: "note", text: row.text };
    default:
      return unreachable(row);
  }
}

type Parts<S extends Step> = Omit<S, "seq" | "turn" | "startedAt" | "endedAt">;

function modelParts({ state, provider, model, attempts, usage, text, error }: ModelRow): Parts<ModelStep> {
  const status = state === "succeeded" || state === "failed" ? state : "running";
  return { kind: "model", status, provider, model, attempts, usage, text, error };
}

function toolParts(row: ToolRow): Parts<ToolStep> {
  const { callId, tool, node, arguments: args, result, exitCode, question, approval } = row;
  return {
    ...{ kind: "tool", status: statusOfCall(row), callId, tool, node: node?.name ?? null },
    ...{ arguments: { ...args }, result, exitCode, approval: question?.id ?? approval },
  };
}

function statusOfCall({ state, status, question }: ToolRow): ToolStep["status"] {
  if (state === "done") return status ?? "failed";
  if (state !== "waiting") return "running";
  return question?.kind === "unknown" ? "unknown" : "waiting";
}

export function reportOf(journal: Journal): RunReport {
  const end = journal.get("end");
  const spent = journal.get("spent") ?? NOTHING;
  const { startedAt } = journal.need("run");
  return {
    ...spent,
    status: statusOf(journal),
    startedAt: new Date(startedAt),
    endedAt: end ? new Date(end.at) : null,
    turns: journal.rows.filter((row) => row.kind === "model").length,
    output: outputOf(journal),
    failure: end?.outcome.status === "failed" ? end.outcome.failure : null,
    doing: end ? null : (journal.get("doing") ?? null),
  };
}

function statusOf(journal: Journal): RunStatus {
  const end = journal.get("end");
  if (end) return end.outcome.status;
  return journal.need("clock").sinceMs === null ? "waiting" : "running";
}

function outputOf(journal: Journal): string | null {
  const end = journal.get("end");
  if (end?.outcome.status === "succeeded") return end.outcome.output;
  const said = journal.rows.findLast((row): row is ModelRow => row.kind === "model" && row.state === "succeeded");
  return said?.text ?? null;
}
