/** Python environments hold the path they were made at. Rewrites it in one file, so that they work at another. Pure. */

/** Bytes of a name: a path goes on behind them, so `/a/app` is no part of `/a/app-2` or `/a/app.bak`. */
const NAME = /[\w.+@%~-]/;
/** Before a path there may be anything but more of a path; a slash is one of `file://`. */
const BEFORE = /[\w.+@%~-]/;

/** The text with the folder's path replaced as a whole name; undefined when it is not in there. */
export function relocateText(bytes: Buffer, from: string, to: string): Buffer | undefined {
  const found = occurrences(bytes, from);
  if (found.length === 0) return undefined;
  const parts: Buffer[] = [];
  let at = 0;
  for (const start of found) {
    parts.push(bytes.subarray(at, start), Buffer.from(to));
    at = start + Buffer.byteLength(from);
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

/**
 * A program or library with the path in C strings, as conda pads them: what the new path is longer is taken from the
 * zeros behind the string, what it is shorter is given there. `no_room` when there are too few.
 */
export function relocateBinary(bytes: Buffer, from: string, to: string): Buffer | undefined | "no_room" {
  const found = occurrences(bytes, from);
  if (found.length === 0) return undefined;
  const moved = Buffer.from(bytes);
  for (const { start, text, room } of cStrings(bytes, found)) {
    const replaced = relocateText(text, from, to) ?? text;
    // At least one zero ends the string.
    if (replaced.length >= room) return "no_room";
    moved.fill(0, start, start + room);
    replaced.copy(moved, start);
  }
  return moved;
}

/** A link's target with the folder's path replaced; undefined when it leads elsewhere. */
export function relocateTarget(target: string, from: string, to: string): string | undefined {
  if (target === from) return to;
  return target.startsWith(`${from}/`) ? to + target.slice(from.length) : undefined;
}

function occurrences(bytes: Buffer, path: string): number[] {
  const found: number[] = [];
  const length = Buffer.byteLength(path);
  for (let at = bytes.indexOf(path); at >= 0; at = bytes.indexOf(path, at + 1)) {
    const isWhole = !isByteOf(BEFORE, bytes[at - 1]) && !isByteOf(NAME, bytes[at + length]);
    if (isWhole) found.push(at);
  }
  return found;
}

function isByteOf(pattern: RegExp, byte: number | undefined): boolean {
  return byte !== undefined && pattern.test(String.fromCharCode(byte));
}

type CString = { start: number; text: Buffer; /** Bytes up to the next thing, the zeros included. */ room: number };

/** The strings that hold these places, each once. */
function cStrings(bytes: Buffer, found: readonly number[]): CString[] {
  const strings = new Map<number, CString>();
  for (const at of found) {
    const start = bytes.lastIndexOf(0, at) + 1;
    const end = orEnd(bytes, bytes.indexOf(0, at));
    let next = end;
    while (next < bytes.length && bytes[next] === 0) next += 1;
    strings.set(start, { start, text: bytes.subarray(start, end), room: next - start });
  }
  return [...strings.values()];
}

function orEnd(bytes: Buffer, index: number): number {
  return index < 0 ? bytes.length : index;
}
