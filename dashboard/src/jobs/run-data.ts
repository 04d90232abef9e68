/** What a run is given beside its job's instructions, as somebody types it. Pure. */
import { readJson } from "./json-text.ts";

export type RunData = { data: unknown } | { problem: string };

/** JSON; nothing at all is no data. */
export function readRunData(text: string): RunData {
  if (text.trim() === "") return { data: undefined };
  const read = readJson(text);
  if ("value" in read) return { data: read.value };
  return { problem: `This is not JSON: ${read.problem}. A text stands in double quotes.` };
}
