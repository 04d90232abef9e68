import type WebSocket from "ws";
import { describe, expect, it } from "vitest";
import { WindowPool } from "@roundhouse/protocol/credits";
import { decodeFrame, type Frame } from "@roundhouse/protocol/frames";
import { Outbox } from "../../../worker-agent/src/link/outbox.ts";
import { Sender } from "../../../worker-agent/src/link/sender.ts";
import type { StreamPort } from "../../../worker-agent/src/link/stream.ts";

const MIB = 1024 * 1024;

/** A socket that keeps what it is given until the network takes it. */
class SlowSocket {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: Frame[] = [];
  readonly #taken: (() => void)[] = [];
  #fragments: Uint8Array[] = [];
  held = 0;
  most = 0;

  send(fragment: Uint8Array, { fin }: { fin: boolean }, taken?: () => void): void {
    this.#fragments.push(fragment);
    if (!fin || !taken) return;
    const bytes = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.sent.push(decodeFrame(bytes));
    this.held += bytes.length;
    this.most = Math.max(this.most, this.held);
    this.#taken.push(() => {
      this.held -= bytes.length;
      taken();
    });
  }

  /** The network takes one frame. */
  async drain(): Promise<boolean> {
    this.#taken.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    return this.#taken.length > 0;
  }
}

function outboxOf(socket: SlowSocket): Outbox {
  return new Outbox(socket as unknown as WebSocket);
}

function senderOf(outbox: Outbox, stream: number, window: number): Sender {
  const sizes = { initialBytes: window, maxBytes: window };
  const head = {
    kind: "http",
    target: { to: "agent" },
    method: "GET",
    path: "/",
    headers: [],
    hasBody: false,
  } as const;
  const port: StreamPort = {
    ...{ stream, outbox, sizes, pool: new WindowPool(0), dataFrameBytes: 128 * 1024 },
    head: { ...head, headers: [] },
    done: () => undefined,
  };
  return new Sender(port);
}

const emitTo = (outbox: Outbox, stream: number) => (bytes: Uint8Array) => outbox.send({ type: "data", stream, bytes });

describe("the outbox", () => {
  it("makes streams wait while the network is slow, so that little is held", async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    const sends = [1, 2, 3, 4].map((stream) => {
      return senderOf(outbox, stream, 8 * MIB).send(new Uint8Array(4 * MIB), emitTo(outbox, stream));
    });
    while (await socket.drain());
    expect(await Promise.all(sends)).toEqual([true, true, true, true]);
    expect(socket.most).toBeLessThan(3 * MIB);
    const bytes = socket.sent.reduce((sum, frame) => sum + (frame.type === "data" ? frame.bytes.length : 0), 0);
    expect(bytes).toBe(16 * MIB);
  });

  it("lets streams take turns", async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    const sends = [1, 2, 3].map((stream) => {
      return senderOf(outbox, stream, 8 * MIB).send(new Uint8Array(4 * MIB), emitTo(outbox, stream));
    });
    while (await socket.drain());
    await Promise.all(sends);
    const last = new Map(socket.sent.map((frame, index) => [frame.stream, index]));
    expect(Math.min(...last.values())).toBeGreaterThan(socket.sent.length - 10);
  });

  it("never forgets who waits, though the one before has nothing to send any more", async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    outbox.send({ type: "data", stream: 9, bytes: new Uint8Array(MIB - 5) });
    outbox.send({ type: "data", stream: 9, bytes: new Uint8Array(MIB - 5) });
    outbox.send({ type: "data", stream: 9, bytes: new Uint8Array(MIB - 5) });
    const senders = [1, 2, 3, 4, 5].map((stream) => senderOf(outbox, stream, MIB));
    const sends = senders.map((sender, index) => sender.send(new Uint8Array(10), emitTo(outbox, index + 1)));
    // All but the last one end while they wait for room.
    await new Promise((resolve) => setImmediate(resolve));
    for (const sender of senders.slice(0, -1)) sender.end();
    for (let n = 0; n < 10; n += 1) await socket.drain();
    expect(await Promise.all(sends)).toEqual([false, false, false, false, true]);
  });

  it("never lets one that waits for credit stand in the way of others", async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    for (let n = 0; n < 3; n += 1) outbox.send({ type: "data", stream: 9, bytes: new Uint8Array(MIB - 5) });
    const broke = senderOf(outbox, 1, 0).send(new Uint8Array(10), emitTo(outbox, 1));
    const rich = senderOf(outbox, 2, MIB).send(new Uint8Array(10), emitTo(outbox, 2));
    for (let n = 0; n < 6; n += 1) await socket.drain();
    expect(await rich).toBe(true);
    expect(await Promise.race([broke, Promise.resolve("waiting")])).toBe("waiting");
  });

  it("lets everybody go when the socket is gone", async () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    for (let n = 0; n < 3; n += 1) outbox.send({ type: "data", stream: 9, bytes: new Uint8Array(MIB - 5) });
    const waiting = Promise.all([outbox.room(), outbox.room()]);
    socket.readyState = 3;
    outbox.close();
    await waiting;
    await outbox.room();
    const before = socket.sent.length;
    outbox.send({ type: "end", stream: 9 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.sent).toHaveLength(before);
  });

  it("sends DATA in the pieces it came in, as one frame, in order with all else", () => {
    const socket = new SlowSocket();
    const outbox = outboxOf(socket);
    outbox.sendData(1, [new Uint8Array(40_000).fill(1), new Uint8Array(40_000).fill(2)]);
    outbox.sendData(2, [new Uint8Array(10).fill(3), new Uint8Array(10).fill(4)]);
    outbox.send({ type: "end", stream: 2 });
    const seen = socket.sent.map((frame) => ("bytes" in frame ? [frame.stream, frame.bytes.length] : [frame.stream]));
    expect(seen).toEqual([[1, 80_000], [2, 20], [2]]);
    const first = socket.sent[0];
    expect(first?.type === "data" && [first.bytes[0], first.bytes[39_999], first.bytes[40_000]]).toEqual([1, 1, 2]);
  });
});

describe("a sender", () => {
  it("[CR1] cuts into frames of the size allowed, marks the last, and [CR2] takes totals as grants", async () => {
    const socket = new SlowSocket();
    const sender = senderOf(outboxOf(socket), 1, 100);
    const pieces: [number, boolean][] = [];
    const sending = sender.send(new Uint8Array(300_000), (piece, isLast) => pieces.push([piece.length, isLast]));
    await new Promise((resolve) => setImmediate(resolve));
    sender.grant(50);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pieces).toEqual([[100, false]]);
    sender.grant(300_000);
    expect(await sending).toBe(true);
    expect(pieces.slice(1)).toEqual([
      [131_072, false],
      [131_072, false],
      [37_756, true],
    ]);
  });

  it("sends what is empty without credit, and gives up when its stream ends", async () => {
    const sender = senderOf(outboxOf(new SlowSocket()), 1, 0);
    const pieces: boolean[] = [];
    expect(await sender.send(new Uint8Array(), (_piece, isLast) => pieces.push(isLast))).toBe(true);
    expect(pieces).toEqual([true]);
    const waiting = sender.send(Uint8Array.of(1), () => pieces.push(false));
    sender.end();
    expect(await waiting).toBe(false);
    expect(pieces).toEqual([true]);
  });
});
