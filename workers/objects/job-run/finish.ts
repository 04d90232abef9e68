/** The end of a run, and notes in its trace: all that is written at once. */
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { paused } from "./clock.ts";
import type { Journal } from "./journal.ts";
import { add, NOTHING } from "./limits.ts";
import type { ModelRow, NoteRow, Outcome, Spent, ToolRow } from "./rows.ts";

export function turnOf(journal: Journal): number {
  return journal.rows.at(-1)?.turn ?? 0;
}

export function note(journal: Journal, now: number, text: string, tells: NoteRow["tells"] = "nobody"): void {
  const [seq, turn] = [journal.nextSeq(), turnOf(journal)];
  journal.put({ kind: "note", seq, turn, startedAt: now, endedAt: now, text, tells });
}

/** Books what an attempt cost, in place of what was set aside for it. */
export function settle(journal: Journal, row: ModelRow, cost: Spent): ModelRow {
  journal.set("spent", add(journal.get("spent") ?? NOTHING, cost));
  return journal.put({ ...row, reserved: null, usage: add(row.usage ?? NOTHING, cost) });
}

/** Nothing happens to a run that is over. */
export function finish(journal: Journal, outcome: Outcome, now: number): void {
  if (journal.isOver) return;
  for (const row of journal.rows) {
    if (row.kind === "model" && (row.state === "asking" || row.state === "resting")) endModel(journal, row, now);
    if (row.kind === "tool" && row.state !== "done") endCall(journal, row, now);
  }
  const words = wordsOf(outcome);
  if (words !== undefined) note(journal, now, words);
  journal.set("clock", paused(journal.need("clock"), now));
  journal.set("end", { outcome, at: now });
  for (const duty of ["report", "approvals", "ended"]) journal.addDuty(duty, now);
  if (journal.need("run").spec.notify) journal.addDuty("notify", now);
}

function endModel(journal: Journal, row: ModelRow, now: number): void {
  const settled = row.reserved ? settle(journal, row, row.reserved) : row;
  journal.put({ ...settled, state: "failed", endedAt: now, error: row.error ?? "The run ended." });
}

function endCall(journal: Journal, row: ToolRow, now: number): void {
  if (row.state === "sent" && row.node) journal.addDuty(`stop:${row.seq}`, now);
  journal.put({ ...row, state: "done", status: "cancelled", endedAt: now, result: "The run ended before this did." });
}

function wordsOf(outcome: Outcome): string | undefined {
  switch (outcome.status) {
    case "succeeded":
      return undefined;
    case "failed":
      return `Failed (${outcome.failure.code}): ${outcome.failure.message}`;
    case "cancelled":
      return `Cancelled by ${outcome.by}.`;
    default:
      return unreachable(outcome);
  }
}
