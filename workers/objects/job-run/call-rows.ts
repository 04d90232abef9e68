/** What is written of a call: its question to a person, its end, and its being made anew. */
import { newId } from "@roundhouse/protocol/ids";
import type { Context } from "../../services/context.ts";
import type { Journal } from "./journal.ts";
import type { ToolRow, ToolStatus } from "./rows.ts";

export type CallDeps = { ctx: () => Context; journal: Journal; say: (words: string) => void };
export type Question = NonNullable<ToolRow["question"]>;

const HOUR_MS = 3_600_000;

/** Written down before it is asked, so that it is asked once. */
export function question(journal: Journal, kind: Question["kind"]): Question {
  const { approvalHours } = journal.need("run").spec.limits;
  return { id: newId("approval"), kind, expiresAt: Math.round(Date.now() + approvalHours * HOUR_MS) };
}

/** Makes a call anew, under an id of its own. What is known of the first stays in the trace. */
export function repeat(
  journal: Journal,
  row: ToolRow,
  { approval, words }: { approval: string | null; words: string },
): void {
  const seq = journal.nextSeq();
  close(journal, row, "unknown", words);
  journal.put({
    ...row,
    ...{ seq, callId: `${journal.need("run").id}-${seq}`, state: "ready", status: null, result: null, approval },
    ...{ question: null, startedAt: Date.now(), endedAt: null, notBefore: 0, misses: 0, generation: null },
  });
}

export function close(
  journal: Journal,
  row: ToolRow,
  status: ToolStatus,
  result: string,
  exitCode: number | null = null,
): void {
  journal.put({ ...row, state: "done", status, result, exitCode, endedAt: Date.now() });
}
