/** Which bytes of a file a request wants (RFC 9110, one range). */
import { FileProblem } from "./problem.ts";

/** `end` is the last byte. */
export type ByteRange = { start: number; end: number };

/** Undefined means the whole file: no range, several, or a unit nobody knows. Throws `bad_range` for one behind the end. */
export function parseRange(header: string | null, size: number): ByteRange | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const range = from === "" ? lastBytes(Number(to), size) : { start: Number(from), end: lastOf(to, size) };
  if (range.start > range.end && from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
  if (range.start <= range.end) return range;
  const asked = JSON.stringify(header);
  throw new FileProblem("bad_range", `Range ${asked} lies behind the file's ${size} bytes.`, "Ask for less.", { size });
}

function lastBytes(count: number, size: number): ByteRange {
  // The last none of them: a range that cannot be.
  return count === 0 ? { start: size, end: size - 1 } : { start: Math.max(0, size - count), end: size - 1 };
}

function lastOf(to: string, size: number): number {
  return to === "" ? size - 1 : Math.min(Number(to), size - 1);
}
