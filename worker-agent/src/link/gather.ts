/** The chunks of a body, several at a time where it flows fast: fewer and larger frames cost both ends less. */
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";

/** So much at once says that more is coming in the next turn of the event loop. Less is passed on as it came. */
const FULL_FLOW_BYTES = 32 * 1024;

/**
 * Yields what came since the last turn, never copied; reads on meanwhile until `upToBytes` (and a chunk) wait. Throws
 * when the body breaks off.
 */
export async function* gather(body: Readable, upToBytes: number): AsyncGenerator<Buffer[]> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let wake = (): void => undefined;
  const end: { over: boolean; fault?: unknown } = { over: false };
  body.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= upToBytes) body.pause();
    wake();
  });
  void finished(body, { writable: false })
    .catch((error: unknown) => (end.fault = error))
    .then(() => {
      end.over = true;
      wake();
    });
  for (;;) {
    if (bytes >= FULL_FLOW_BYTES && bytes < upToBytes && !end.over) await nextTurn();
    if (chunks.length > 0) {
      const taken = chunks;
      chunks = [];
      bytes = 0;
      body.resume();
      yield taken;
    } else if (end.over) {
      if (end.fault) throw end.fault;
      return;
    } else {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
}
