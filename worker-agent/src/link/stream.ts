/** What every kind of stream on the node has in common (mirror of the hub's `StreamPort`). */
import type { WindowPool, WindowSizes } from "@roundhouse/protocol/credits";
import type { Frame, OpenHead } from "@roundhouse/protocol/frames";
import type { Outbox } from "./outbox.ts";

export type StreamPort = {
  stream: number;
  head: OpenHead;
  outbox: Outbox;
  sizes: WindowSizes;
  pool: WindowPool;
  dataFrameBytes: number;
  /** The stream is over on this side. */
  done(): void;
};

export type Stream = {
  onFrame(frame: Frame): void;
  /** The link is gone, or the peer reset the stream: ends the app's side without a word to the peer. */
  abandon(): void;
};
