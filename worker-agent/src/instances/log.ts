/** The reading end of an instance's log, by offsets that count on across segments and launches. */
import { watch } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { whenMissing } from "../keeper/durable-file.ts";
import { listSegments, segmentSize, type Segment } from "../keeper/segments.ts";

export type LogPart = {
  content: Uint8Array;
  /** Where `content` begins: later than asked for when that is no longer kept. */
  offset: number;
  /** The offset behind the last byte of the log. */
  size: number;
};

const MAX_CHARACTER_BYTES = 4;
const FOLLOW_CHUNK_BYTES = 64 * 1024;
/** File systems that do not report changes (network disks) are looked at this often. */
const FOLLOW_POLL_MS = 500;

/** At most `maxBytes` from `offset`; a negative offset counts from the end. A log that is not there is empty. */
export async function readLog(dir: string, offset: number, maxBytes: number): Promise<LogPart> {
  const segments = await listSegments(dir);
  const last = segments.at(-1);
  const first = segments[0];
  if (!first || !last) return { content: new Uint8Array(), offset: 0, size: 0 };
  const size = last.start + (await segmentSize(last));
  const wanted = offset < 0 ? size + offset : offset;
  const from = Math.min(Math.max(wanted, first.start), size);
  const content = await readRange(segments, from, Math.min(from + maxBytes, size));
  // The oldest segment was dropped between the listing and the reading: begin with what is kept now.
  if (content.length === 0 && from < size && maxBytes > 0) return readLog(dir, offset, maxBytes);
  return { content, offset: from, size };
}

/** Without the bytes at the end that begin a UTF-8 character: the rest of it is not read, or not written, yet. */
export function wholeCharacters(bytes: Uint8Array): Uint8Array {
  const lead = bytes.subarray(-MAX_CHARACTER_BYTES).findLastIndex(isLead);
  const tail = Math.min(bytes.length, MAX_CHARACTER_BYTES) - lead;
  if (lead < 0 || tail >= characterBytes(bytes[bytes.length - tail] ?? 0)) return bytes;
  return bytes.subarray(0, bytes.length - tail);
}

/** How many bytes at the beginning belong to a UTF-8 character that began before. */
export function restOfCharacter(bytes: Uint8Array): number {
  return Math.max(0, bytes.subarray(0, MAX_CHARACTER_BYTES).findIndex(isLead));
}

/** Whether a character begins with this byte. */
function isLead(byte: number): boolean {
  return (byte & 0xc0) !== 0x80;
}

/** How many bytes a character has that begins with this one. */
function characterBytes(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : MAX_CHARACTER_BYTES;
}

/** The log from `offset` on, as it grows, until `signal` aborts. Offsets only jump where old segments were dropped. */
export async function* followLog(
  dir: string,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<{ offset: number; bytes: Uint8Array }> {
  let next = offset;
  const bell = watchFolder(dir);
  try {
    while (!signal.aborted) {
      const rung = bell.rung();
      const part = await readLog(dir, next, FOLLOW_CHUNK_BYTES);
      next = part.offset + part.content.length;
      if (part.content.length > 0) yield { offset: part.offset, bytes: part.content };
      else await Promise.race([rung, pause(signal)]);
    }
  } finally {
    bell.close();
  }
}

/** The last lines, oldest first, each cut at `maxChars`. */
export async function lastLines(dir: string, n = 20, maxChars = 500): Promise<string[]> {
  // Four bytes a character at most; much longer lines cost us lines, not memory.
  const { content } = await readLog(dir, -n * maxChars * 4, n * maxChars * 4);
  const lines = new TextDecoder().decode(content).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-n).map((line) => line.replace(/\r$/, "").slice(0, maxChars));
}

async function readRange(segments: Segment[], from: number, to: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let at = from;
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.start ?? to;
    if (at < segment.start || at >= end || at >= to) continue;
    const bytes = await readBytes(segment, at - segment.start, Math.min(end, to) - at);
    if (bytes.length > 0) parts.push(bytes);
    at += bytes.length;
    if (at < Math.min(end, to)) break;
  }
  return Buffer.concat(parts);
}

async function readBytes(segment: Segment, position: number, length: number): Promise<Uint8Array> {
  const file = await open(segment.path, "r").catch(whenMissing);
  if (!file) return new Uint8Array();
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A promise per round that resolves with the next change; taken before reading, so that none slips between. */
function watchFolder(dir: string): { rung(): Promise<void>; close(): void } {
  let ring: () => void = () => undefined;
  try {
    const watcher = watch(dir, () => ring());
    // The folder was removed, or the host is out of watches: polling is left.
    watcher.on("error", () => watcher.close());
    return { rung: () => new Promise((done) => (ring = done)), close: () => watcher.close() };
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return { rung: () => new Promise(() => undefined), close: () => undefined };
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return sleep(FOLLOW_POLL_MS, undefined, { signal }).catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
}
