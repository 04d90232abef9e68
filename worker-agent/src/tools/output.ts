/** Long outputs in one answer: their beginning and their end, with the way to what is between (SPEC TC10). */
import { wholeCharacters } from "../instances/log.ts";
import { isBinary } from "./binary.ts";
import type { Found, ReadOutput } from "./call.ts";

/** A character takes at least one byte, so that these fit `MAX_RESULT_CHARACTERS` with words around them. */
const PAGE_BYTES = 15_000;
const HEAD_BYTES = 5_000;
const TAIL_BYTES = 9_500;

export type Excerpt = { text: string; more: { size: number; next: number } | undefined };

/** `call` is the id that `read_output` is to be given. */
export async function excerptOf(read: ReadOutput, call: string): Promise<Excerpt> {
  const whole = await read(0, PAGE_BYTES);
  const lost = whole.offset > 0 ? `(The first ${whole.offset} bytes are not kept.)\n` : "";
  if (whole.offset + whole.content.length >= whole.size) return { text: lost + textOf(whole.content), more: undefined };
  const head = wholeCharacters(whole.content.subarray(0, HEAD_BYTES));
  const next = whole.offset + head.length;
  const tail = await read(whole.size - TAIL_BYTES, TAIL_BYTES);
  const from = tail.offset + firstLine(tail.content);
  const gap = `\n… ${from - next} bytes left out: read_output goes on with {"call": ${JSON.stringify(call)}, "offset": ${next}} …\n`;
  const text = lost + textOf(head) + gap + textOf(tail.content.subarray(from - tail.offset));
  return { text, more: { size: whole.size, next } };
}

/** One page of an output, as `read_output` tells it. */
export async function pageOf(read: ReadOutput, offset: number): Promise<Found> {
  const { content, offset: from, size } = await read(offset, PAGE_BYTES);
  if (offset > size)
    return { ok: false, content: `offset ${offset} lies behind the end: the output has ${size} bytes.` };
  const bytes = from + content.length < size ? wholeCharacters(content) : content;
  const next = from + bytes.length;
  const lost = from > offset ? `(What was before offset ${from} is not kept.)\n` : "";
  if (next >= size) return { ok: true, content: `${lost}${textOf(bytes)}\n(This is the end.)` };
  return {
    ok: true,
    content: `${lost}${textOf(bytes)}\n(Go on with offset ${next} of ${size}.)`,
    more: { size, next },
  };
}

/** What is no UTF-8 is shown as well as it can be; what holds a NUL is no text at all. */
export function textOf(bytes: Uint8Array): string {
  if (isBinary(bytes)) return `(${bytes.length} bytes that are no text)`;
  return new TextDecoder().decode(bytes);
}

/** Where the second line begins: what is before it was cut. A long line is shown from amid itself, at a whole character. */
function firstLine(bytes: Uint8Array): number {
  const at = bytes.indexOf(10) + 1;
  if (at > 0 && at < bytes.length / 2) return at;
  return Math.max(
    0,
    bytes.findIndex((byte) => (byte & 0xc0) !== 0x80),
  );
}
