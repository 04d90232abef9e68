import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RawData, WebSocket } from "ws";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import { eventually, linked, type Peer, startApp, startSocketApp } from "./gateway.ts";

const { initialWindowBytes: WINDOW, dataFrameBytes } = DEFAULT_TUNING;

/** An app that keeps its socket at hand, and a stream to it. */
async function opened(onSocket: (socket: WebSocket) => void = () => undefined) {
  let socket: WebSocket | undefined;
  const heard: { text: boolean; data: Buffer }[] = [];
  const port = await startSocketApp({}, (accepted) => {
    socket = accepted;
    accepted.on("message", (data: RawData, isBinary) => heard.push({ text: !isBinary, data: data as Buffer }));
    onSocket(accepted);
  });
  const peer = await linked([port]);
  peer.open(port, { kind: "websocket", path: "/ws" });
  expect((await peer.nextFrame("head")).head.status).toBe(101);
  if (!socket) throw new Error("no socket");
  return { app: socket, heard, peer, port };
}

function say(peer: Peer, text: string, more = false): void {
  peer.frame({ type: "message", stream: 1, text: true, more, bytes: Buffer.from(text) });
}

/** The next whole message of the app. */
async function message(peer: Peer, grant = true): Promise<{ text: boolean; data: Buffer; parts: number }> {
  const parts: Buffer[] = [];
  for (;;) {
    const { bytes, more, text } = await peer.nextFrame("message");
    parts.push(Buffer.from(bytes));
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    if (grant) peer.frame({ type: "credit", stream: 1, offset: total + 1024 * 1024 });
    if (!more) return { text, data: Buffer.concat(parts), parts: parts.length };
  }
}

describe("a WebSocket to an app", () => {
  it("[WS1] offers the client's subprotocols and answers with the one the app chose", async () => {
    const asked: string[] = [];
    const handleProtocols = (protocols: Set<string>) => (asked.push(...protocols), "v1");
    const port = await startSocketApp({ handleProtocols }, () => undefined);
    const peer = await linked([port]);
    peer.open(port, { kind: "websocket", headers: [["sec-websocket-protocol", "v2, v1"]] });
    expect((await peer.nextFrame("head")).head).toEqual({ status: 101, headers: [["sec-websocket-protocol", "v1"]] });
    expect(asked).toEqual(["v2", "v1"]);
  });

  it("[WS1] hands on a refusal with status, headers and words", async () => {
    const app = await startApp((_request, response) => response.end("no sockets here"));
    app.server.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 7\r\n\r\nnot you");
    });
    const plain = await startApp((_request, response) => response.writeHead(404).end("nothing"));
    const peer = await linked([app.port, plain.port]);
    peer.open(app.port, { kind: "websocket" }, 1);
    expect(await peer.answer(1)).toMatchObject({ status: 403, body: "not you", headers: { "x-why": "no" } });
    peer.open(plain.port, { kind: "websocket" }, 2);
    expect(await peer.answer(2)).toMatchObject({ status: 404, body: "nothing" });
    await eventually(() => expect(app.connections.size + plain.connections.size).toBe(0));
  });

  it("[WS1] resets when the app is not there, and [ST4] leaves the app when the client goes first", async () => {
    const gone = await startApp(() => undefined);
    await new Promise((resolve) => gone.server.close(resolve));
    const slow = await startApp(() => undefined);
    slow.server.on("upgrade", (_request, socket) => socket.on("end", () => socket.end()).resume());
    const peer = await linked([gone.port, slow.port]);
    peer.open(gone.port, { kind: "websocket" }, 1);
    expect(await peer.nextFrame("reset", 1)).toMatchObject({ code: "unreachable" });
    peer.open(slow.port, { kind: "websocket" }, 2);
    await eventually(() => expect(slow.connections.size).toBe(1));
    peer.frame({ type: "reset", stream: 2, code: "cancelled", message: "gone" });
    await eventually(() => expect(slow.connections.size).toBe(0));
  });

  it("ends alone when what the client offers cannot be asked for, and never the agent", async () => {
    const port = await startSocketApp({}, (socket) => socket.send("alive"));
    const peer = await linked([port]);
    for (const [index, offer] of ["same, same", "not a token", "é"].entries()) {
      peer.open(port, { kind: "websocket", headers: [["sec-websocket-protocol", offer]] }, index + 10);
      expect(await peer.nextFrame("reset", index + 10)).toMatchObject({ code: "protocol" });
    }
    peer.open(port, { kind: "websocket" });
    expect((await message(peer)).data.toString()).toBe("alive");
  });

  it("[WS2] keeps kind, bytes and order both ways", async () => {
    const { app, heard, peer } = await opened();
    app.send("grüße");
    app.send(Buffer.from([0, 255]));
    app.send("");
    expect(await message(peer)).toMatchObject({ text: true, data: Buffer.from("grüße") });
    expect(await message(peer)).toMatchObject({ text: false, data: Buffer.from([0, 255]) });
    expect(await message(peer)).toMatchObject({ text: true, data: Buffer.alloc(0) });
    say(peer, "hin");
    peer.frame({ type: "message", stream: 1, text: false, more: false, bytes: Uint8Array.of(9) });
    say(peer, "");
    await eventually(() => expect(heard).toHaveLength(3));
    expect(heard).toEqual([
      { text: true, data: Buffer.from("hin") },
      { text: false, data: Buffer.from([9]) },
      { text: true, data: Buffer.alloc(0) },
    ]);
  });

  it("[WS2] carries 16 MiB in parts both ways and delivers them whole", async () => {
    const { app, heard, peer } = await opened();
    const big = randomBytes(16 * 1024 * 1024);
    app.send(big);
    const got = await message(peer);
    expect(got.data.equals(big)).toBe(true);
    expect(got.parts).toBeGreaterThanOrEqual(big.length / dataFrameBytes);
    let sent = 0;
    let granted: number = WINDOW;
    while (sent < big.length) {
      const size = Math.min(dataFrameBytes, granted - sent, big.length - sent);
      const bytes = big.subarray(sent, sent + size);
      sent += size;
      peer.frame({ type: "message", stream: 1, text: false, more: sent < big.length, bytes });
      while (granted <= sent && sent < big.length) granted = (await peer.nextFrame("credit")).offset;
    }
    await eventually(() => expect(heard[0]?.data.equals(big)).toBe(true));
  });

  it("resets with too_large when the app sends a message beyond the cap", async () => {
    const { app, peer } = await opened();
    app.send(Buffer.alloc(16 * 1024 * 1024 + 1));
    expect(await peer.nextFrame("reset")).toMatchObject({ code: "too_large" });
  });

  it("[WS6] reads an app no further while the client's messages cannot be taken", async () => {
    const { app, peer } = await opened();
    const one = Buffer.alloc(1000, "x");
    const total = 50_000;
    for (let n = 0; n < total; n += 1) app.send(one);
    const got = () => peer.frames("message").reduce((sum, { bytes }) => sum + bytes.length, 0);
    await eventually(() => expect(got()).toBe(WINDOW));
    const waiting = app.bufferedAmount;
    // Each credit lets one message out: were the app read on at each, the agent would soon hold all of them.
    for (let n = 1; n <= 100; n += 1) {
      peer.frame({ type: "credit", stream: 1, offset: WINDOW + n * 1000 });
      await eventually(() => expect(got()).toBe(WINDOW + n * 1000));
    }
    expect(waiting - app.bufferedAmount).toBeLessThan(1024 * 1024);
    peer.frame({ type: "credit", stream: 1, offset: total * 1000 });
    await eventually(() => expect(got()).toBe(total * 1000), 15_000);
  });

  it("[CR3] resets when the hub sends more than was granted", async () => {
    const { app, peer } = await opened();
    const closed = new Promise((resolve) => app.on("close", resolve));
    peer.frame({ type: "message", stream: 1, text: false, more: false, bytes: new Uint8Array(WINDOW + 1) });
    expect(await peer.nextFrame("reset")).toMatchObject({ code: "protocol" });
    await closed;
  });
});

describe("the end of a WebSocket to an app", () => {
  const closeOf = (socket: WebSocket) =>
    new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });

  it("[WS4] passes codes and reasons from the app", async () => {
    const { app, peer } = await opened();
    app.send("last words");
    app.close(4001, "enough");
    await message(peer);
    expect(await peer.nextFrame("close")).toMatchObject({ code: 4001, reason: "enough" });
  });

  it("[WS4] passes codes and reasons to the app, also while the app is not being read", async () => {
    const { app, peer } = await opened();
    const closed = closeOf(app);
    for (let n = 0; n < 100; n += 1) app.send(Buffer.alloc(10_000));
    await eventually(() => expect(peer.frames("message").length).toBeGreaterThan(5));
    peer.frame({ type: "close", stream: 1, code: 3456, reason: "client's" });
    expect(await closed).toEqual({ code: 3456, reason: "client's" });
  });

  it("[WS4] says none where none was given, and broken off where the connection broke off", async () => {
    const none = await opened();
    none.app.close();
    expect(await none.peer.nextFrame("close")).toMatchObject({ code: 1005 });
    const back = await opened();
    const closed = closeOf(back.app);
    back.peer.frame({ type: "close", stream: 1, code: 1005, reason: "" });
    expect((await closed).code).toBe(1005);
    const broken = await opened();
    broken.app.terminate();
    expect(await broken.peer.nextFrame("reset")).toMatchObject({ code: "unreachable" });
    const cut = await opened();
    const cutOff = closeOf(cut.app);
    cut.peer.frame({ type: "reset", stream: 1, code: "cancelled", message: "gone" });
    expect([1001, 1006]).toContain((await cutOff).code);
  });

  it("[WS4] never lets a code that may not be sent end the agent", async () => {
    const { app, peer, port } = await opened();
    const closed = closeOf(app);
    peer.frame({ type: "close", stream: 1, code: 1006, reason: "not sendable" });
    await closed;
    peer.open(port, { kind: "websocket" }, 2);
    expect((await peer.nextFrame("head", 2)).head.status).toBe(101);
  });

  it("[ST6] comes with the loss of the link", async () => {
    const { app, peer } = await opened();
    const closed = closeOf(app);
    peer.socket.terminate();
    expect([1001, 1006]).toContain((await closed).code);
  });
});
