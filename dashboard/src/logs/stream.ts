/** Follows one log into a buffer: one socket after the other, without a byte lost or shown twice. */
import { openSocket, type LinkState } from "../live/socket.ts";
import { formatBytes } from "../parts/format.ts";
import type { LogBuffer } from "./buffer.ts";
import { LogOffset, type Piece } from "./offset.ts";

/** How much of an existing log is read at first, counted from its end. */
const FIRST_READ_BYTES = 512 * 1024;

/** A thousand lines a second come in a few dozen steps: reading is as smooth, and the page has time for the person. */
const GATHER_MS = 100;

type StreamHandlers = { onState: (state: LinkState) => void; onChange: () => void };

/** Answers how to stop. `onChange` gathers what comes close together. */
export function followLog(path: string, buffer: LogBuffer, handlers: StreamHandlers): () => void {
  const offset = new LogOffset(-FIRST_READ_BYTES);
  let decoder = new TextDecoder();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (pieces: readonly Piece[]): void => {
    for (const piece of pieces) {
      if (piece.kind === "bytes") {
        buffer.append(decoder.decode(piece.bytes, { stream: true }));
      } else {
        decoder = new TextDecoder();
        buffer.note(`${formatBytes(piece.lostBytes)} of older text were rotated away`);
      }
    }
    if (pieces.length === 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      handlers.onChange();
    }, GATHER_MS);
  };
  const close = openSocket({
    path: () => {
      offset.reconnect();
      return `${path}?offset=${offset.next}&follow=1`;
    },
    onState: handlers.onState,
    onText: (text) => {
      const announced = announcedOffset(text);
      if (announced !== undefined) show(offset.announce(announced));
    },
    onBytes: (bytes) => show(offset.receive(bytes)),
  });
  return () => {
    clearTimeout(timer);
    close();
  };
}

function announcedOffset(text: string): number | undefined {
  try {
    const message = JSON.parse(text) as { offset?: unknown };
    return typeof message.offset === "number" ? message.offset : undefined;
  } catch (error) {
    console.warn("a log message could not be read", error);
    return undefined;
  }
}
