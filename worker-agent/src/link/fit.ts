/** Keeps what an agent says about its instances below the cap of one message (SPEC FR1). */
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { MAX_LINK_MESSAGE_BYTES } from "@roundhouse/protocol/limits";

/** Half of the cap: facts, unknown instances and JSON's own characters share the message. */
const BUDGET_BYTES = MAX_LINK_MESSAGE_BYTES / 2;
/** What may be left of the last lines, step by step. */
const LINES_KEPT = [20, 5, 1, 0];

/** All reports for one message: where they are too many, each says fewer of its last lines. */
export function fitTogether(reports: ObservedInstance[], budgetBytes = BUDGET_BYTES): ObservedInstance[] {
  for (const lines of LINES_KEPT) {
    const cut = reports.map((report) => ({ ...report, lastLines: lines === 0 ? [] : report.lastLines.slice(-lines) }));
    if (sizeOf(cut) <= budgetBytes) return cut;
  }
  return reports.map((report) => ({ ...report, lastLines: [] }));
}

/** Reports in as many messages as they need; at least one, which may be empty. */
export function splitReports(reports: ObservedInstance[], budgetBytes = BUDGET_BYTES): ObservedInstance[][] {
  const parts: ObservedInstance[][] = [[]];
  let bytes = 0;
  for (const report of reports) {
    const size = sizeOf(report);
    if (bytes + size > budgetBytes && bytes > 0) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(report);
    bytes += size;
  }
  return parts;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
