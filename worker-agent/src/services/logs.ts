/** A log as services tell it: a page of it, or all that comes (SPEC SV1, SV2). */
import type { Logs } from "@roundhouse/protocol/api/instance";
import { followLog, readLog, restOfCharacter, wholeCharacters } from "../instances/log.ts";
import type { FeedMessage } from "../link/feed-inbox.ts";
import { wholeJson } from "./whole-json.ts";

/** Most bytes of a log in one answer; a reader asks again from where it ends. */
const MAX_LOG_BYTES = 512 * 1024;

/** From the `offset` that the URL names. */
export async function logPage(dir: string, url: URL, headers: Record<string, string> = {}): Promise<Response> {
  const asked = offsetOf(url);
  const { content, offset, size } = await readLog(dir, asked, MAX_LOG_BYTES);
  const whole = wholeCharacters(content);
  // Counted from the end, it may begin amid a character; who names an offset gets what is there.
  const cut = asked < 0 && offset > 0 ? restOfCharacter(whole) : 0;
  const told = new TextDecoder().decode(whole.subarray(cut));
  const page = { content: told, offset: offset + cut, size, next: offset + whole.length } satisfies Logs;
  return wholeJson(page, 200, headers);
}

/** A text message says where the bytes that follow begin; binary messages are the bytes. */
export async function* logFeed(dir: string, url: URL, signal: AbortSignal): AsyncIterable<FeedMessage> {
  let expected: number | undefined;
  for await (const { offset, bytes } of followLog(dir, offsetOf(url), signal)) {
    if (offset !== expected) yield JSON.stringify({ offset });
    expected = offset + bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}

function offsetOf(url: URL): number {
  const offset = Number(url.searchParams.get("offset") ?? 0);
  return Number.isSafeInteger(offset) ? offset : 0;
}
