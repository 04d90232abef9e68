/** Log files on disk: each named after the offset of its first byte, so that offsets count on for ever. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { whenMissing } from "./durable-file.ts";

export const SEGMENT_BYTES = 4 * 1024 * 1024;
export const SEGMENTS_KEPT = 4;

const OFFSET_DIGITS = 16;

export type Segment = { start: number; path: string };

export function segmentAt(dir: string, start: number): Segment {
  return { start, path: join(dir, `${String(start).padStart(OFFSET_DIGITS, "0")}.log`) };
}

/** The segments of a log, oldest first; none when the folder is not there. */
export async function listSegments(dir: string): Promise<Segment[]> {
  const names = (await readdir(dir).catch(whenMissing)) ?? [];
  return names
    .filter((name) => /^\d{16}\.log$/.test(name))
    .map((name) => segmentAt(dir, Number(name.slice(0, OFFSET_DIGITS))))
    .toSorted((a, b) => a.start - b.start);
}

/** Bytes in a segment; 0 when it is gone. */
export async function segmentSize(segment: Segment): Promise<number> {
  return (await stat(segment.path).catch(whenMissing))?.size ?? 0;
}
