import { describe, expect, it } from "vitest";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import type { AgentServices } from "../../../worker-agent/src/link/service-stream.ts";
import { atEnd, eventually, linked, type Peer } from "./gateway.ts";

const WINDOW = DEFAULT_TUNING.initialWindowBytes;

/** A link whose agent answers requests as the test says. */
function answering(fetch: AgentServices["fetch"]): Promise<Peer> {
  return linked([], {}, { services: { fetch, feed: () => undefined } });
}

const post = (peer: Peer, stream = 1) => peer.open("agent", { method: "POST", path: "/x", hasBody: true }, stream);
const credits = (peer: Peer) => peer.frames("credit").map(({ offset }) => offset);

describe("a service's request", () => {
  it("[SV4] brings method, path, headers and body", async () => {
    const peer = await answering(async (request) => {
      const { method, url, headers } = request;
      return Response.json([method, new URL(url).pathname, headers.get("upload-offset"), await request.text()]);
    });
    const headers: [string, string][] = [["upload-offset", "5"]];
    peer.open("agent", { method: "PATCH", path: "/a/b?c", headers, hasBody: true });
    peer.data("some ");
    peer.data("bytes");
    peer.frame({ type: "end", stream: 1 });
    peer.frame({ type: "credit", stream: 1, offset: 1000 });
    expect(JSON.parse((await peer.answer()).body)).toEqual(["PATCH", "/a/b", "5", "some bytes"]);
  });

  it("[CR4] grants no more than its reader takes", async () => {
    let read: (() => Promise<number>) | undefined;
    const peer = await answering(async (request) => {
      const reader = request.body!.getReader();
      read = async () => (await reader.read()).value?.length ?? 0;
      await new Promise((resolve) => atEnd(() => resolve(undefined)));
      return new Response();
    });
    post(peer);
    for (let sent = 0; sent < WINDOW; sent += 16_384) peer.data(new Uint8Array(16_384));
    await eventually(() => expect(read).toBeDefined());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(credits(peer)).toEqual([]);
    for (let got = 0; got < WINDOW;) got += await read!();
    expect(credits(peer)).toEqual([]);
    read!().catch(() => undefined);
    // Its buffer is empty, and it drains: the window doubles (CR5).
    await eventually(() => expect(credits(peer)).toEqual([3 * WINDOW]));
  });

  it("[CR3] that brings more than was granted is reset", async () => {
    const peer = await answering(() => new Promise(() => undefined));
    post(peer);
    for (let sent = 0; sent <= WINDOW; sent += 16_384) peer.data(new Uint8Array(16_384));
    expect(await peer.nextFrame("reset")).toMatchObject({ code: "protocol" });
  });

  it("[ST4] that is cut short aborts its signal and breaks its body, however it was cut", async () => {
    const seen: string[] = [];
    const peer = await answering(async (request) => {
      request.signal.addEventListener("abort", () => seen.push("aborted"));
      await request.text().catch(() => seen.push("broken"));
      return new Response();
    });
    post(peer, 1);
    peer.data("half", 1);
    peer.frame({ type: "reset", stream: 1, code: "cancelled", message: "" });
    await eventually(() => expect(seen.toSorted()).toEqual(["aborted", "broken"]));
    post(peer, 2);
    peer.data("half", 2);
    peer.socket.terminate();
    await eventually(() => expect(seen).toHaveLength(4));
  });

  it("[ST2] may be answered before its body was read", async () => {
    const peer = await answering(async () => new Response(null, { status: 413 }));
    post(peer);
    expect(await peer.answer()).toMatchObject({ status: 413, frame: "reply" });
    peer.data("too late");
    post(peer, 2);
    expect(await peer.answer(2)).toMatchObject({ status: 413 });
  });
});

describe("a service's answer", () => {
  it("[ST3] streams, held back by credits, and its source ends with the stream", async () => {
    let pulled = 0;
    let cancelled = false;
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(WINDOW / 2));
        },
        cancel: () => {
          cancelled = true;
        },
      });
    const peer = await answering(async () => new Response(body()));
    peer.open("agent", { path: "/x" });
    await peer.nextFrame("head");
    await eventually(() => expect(peer.frames("data").reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(WINDOW));
    expect(pulled).toBeLessThan(6);
    peer.frame({ type: "reset", stream: 1, code: "cancelled", message: "" });
    await eventually(() => expect(cancelled).toBe(true));
  });
});

describe("a feed's client", () => {
  const listening = (messages: (string | Uint8Array)[], gate: Promise<void> = Promise.resolve()) =>
    linked(
      [],
      {},
      {
        services: {
          fetch: async () => new Response(),
          async *feed(_url, signal, inbox) {
            inbox.listen(async (message) => {
              messages.push(message);
              await gate;
            });
            yield "hello";
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          },
        },
      },
    );
  const say = (peer: Peer, bytes: Uint8Array, more = false, text = true) =>
    peer.frame({ type: "message", stream: 1, text, more, bytes });

  it("[SV5] is heard message by message, as it wrote them", async () => {
    const messages: (string | Uint8Array)[] = [];
    const peer = await listening(messages);
    peer.open("agent", { path: "/x", kind: "websocket" });
    await peer.nextFrame("head");
    say(peer, Buffer.from("one "), true);
    say(peer, Buffer.from("whole é"));
    say(peer, Uint8Array.of(1, 2), false, false);
    await eventually(() => expect(messages).toEqual(["one whole é", Buffer.of(1, 2)]));
  });

  it("[SV5] is granted no more than its reader takes", async () => {
    const messages: (string | Uint8Array)[] = [];
    let open: () => void = () => undefined;
    const peer = await listening(messages, new Promise((resolve) => (open = resolve)));
    peer.open("agent", { path: "/x", kind: "websocket" });
    await peer.nextFrame("head");
    for (let sent = 0; sent < WINDOW; sent += 16_384) say(peer, new Uint8Array(16_384));
    await eventually(() => expect(messages).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(credits(peer)).toEqual([]);
    open();
    await eventually(() => expect(credits(peer).length).toBeGreaterThan(0));
    expect(messages).toHaveLength(4);
  });

  it("[SV5] that says too much at once is reset", async () => {
    const peer = await listening([]);
    peer.open("agent", { path: "/x", kind: "websocket" });
    await peer.nextFrame("head");
    let granted = WINDOW;
    for (let sent = 0; sent <= 1024 * 1024 + 16_384; sent += 16_384) {
      await eventually(() => {
        granted = Math.max(granted, ...credits(peer));
        expect(sent + 16_384).toBeLessThanOrEqual(granted);
      });
      say(peer, new Uint8Array(16_384), true);
      if (peer.frames("reset").length > 0) break;
    }
    expect(await peer.nextFrame("reset")).toMatchObject({ code: "too_large" });
  });
});
