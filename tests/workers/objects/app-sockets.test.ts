import { runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_TUNING, MAX_APP_MESSAGE_BYTES } from "@roundhouse/protocol/limits";
import { utf8 } from "./fake-agent.ts";
import { eventually, hibernate, hubOf, makeApp, migrate, planned, runTasks, type TestApp } from "./harness.ts";
import { Inbox } from "./inbox.ts";

const { initialWindowBytes: WINDOW, maxWindowBytes, dataFrameBytes } = DEFAULT_TUNING;
let app: TestApp;
beforeAll(migrate);
beforeEach(async () => {
  app = await makeApp();
});

/** A browser's end of an app's WebSocket. */
class Client {
  readonly socket: WebSocket;
  readonly #messages = new Inbox<string | ArrayBuffer>();
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#messages.put(data as string | ArrayBuffer));
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.accept();
  }

  next(): Promise<string | ArrayBuffer> {
    return this.#messages.take("a message", () => true);
  }
}

/** A socket to which the app agreed. */
async function open(path = "/ws"): Promise<{ client: Client; stream: number }> {
  const answer = app.socket(path);
  const { stream } = await app.agent.nextFrame("open");
  app.agent.frame({ type: "head", stream, head: { status: 101, headers: [] } });
  const { webSocket } = await answer;
  if (!webSocket) throw new Error("no socket");
  return { client: new Client(webSocket), stream };
}

async function text(stream: number): Promise<string> {
  const { bytes, text: isText, more } = await app.agent.nextFrame("message", stream);
  expect([isText, more]).toEqual([true, false]);
  return new TextDecoder().decode(bytes);
}

function say(stream: number, words: string): void {
  app.agent.frame({ type: "message", stream, text: true, more: false, bytes: utf8(words) });
}

describe("opening a WebSocket of an app", () => {
  it("[WS1] gives the client its 101 after the app agreed, with the subprotocol the app chose", async () => {
    const answer = app.socket("/ws?a=1", "chat.v2, chat.v1");
    const { stream, head } = await app.agent.nextFrame("open");
    expect(head).toMatchObject({ kind: "websocket", path: "/ws?a=1", hasBody: false });
    expect(head.headers).toContainEqual(["sec-websocket-protocol", "chat.v2, chat.v1"]);
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50, "waiting"))]);
    expect(early).toBe("waiting");
    const headers: [string, string][] = [["sec-websocket-protocol", "chat.v1"]];
    app.agent.frame({ type: "head", stream, head: { status: 101, headers } });
    const response = await answer;
    expect(response.status).toBe(101);
    expect(response.headers.get("sec-websocket-protocol")).toBe("chat.v1");
  });

  it("[WS1] hands a refusal on with its status, and keeps nothing open", async () => {
    const refused = app.socket("/ws");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.reply(stream, 403, [["x-why", "no"]], "not you");
    const response = await refused;
    expect([response.status, response.headers.get("x-why"), await response.text()]).toEqual([403, "no", "not you"]);
    expect(response.webSocket).toBeNull();
    const slow = app.socket("/ws");
    const second = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream: second.stream, head: { status: 500, headers: [] } });
    expect((await slow).status).toBe(500);
    expect(await app.agent.nextFrame("reset", second.stream)).toMatchObject({ code: "cancelled" });
    // Nothing is open and nobody watches: the alarm comes once more and then no more (HB3).
    await runTasks(app.node, "watch");
    expect(await planned(app.node)).not.toContain("watch");
  });

  it("[WS1] answers 502 when the app cannot be reached, and [ST6] 503 when the link is lost meanwhile", async () => {
    const unreachable = app.socket("/ws");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "reset", stream, code: "unreachable", message: "ECONNREFUSED" });
    expect((await unreachable).status).toBe(502);
    const lost = app.socket("/ws");
    await app.agent.nextFrame("open");
    app.agent.socket.close(1000);
    expect((await lost).status).toBe(503);
  });

  it("[ST4] ends the app's side when the client leaves before the app agreed", async () => {
    const gone = new AbortController();
    const headers = { Upgrade: "websocket", Origin: app.origin };
    const answer = app.fetch("/ws", { headers, signal: gone.signal });
    const { stream } = await app.agent.nextFrame("open");
    gone.abort();
    await expect(answer).rejects.toThrow();
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[WS1] delivers what the app said before the client was there, its close included", async () => {
    const answer = app.socket("/ws");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 101, headers: [] } });
    say(stream, "early bird");
    app.agent.frame({ type: "close", stream, code: 4321, reason: "that was all" });
    const { webSocket } = await answer;
    const client = new Client(webSocket!);
    expect(await client.next()).toBe("early bird");
    expect(await client.closed).toEqual({ code: 4321, reason: "that was all" });
  });
});

describe("messages of a WebSocket", () => {
  it("[WS2] keep their kind, their bytes and their order both ways", async () => {
    const { client, stream } = await open();
    client.socket.send("grüße");
    client.socket.send(Uint8Array.of(0, 255, 1));
    client.socket.send("");
    expect(await text(stream)).toBe("grüße");
    const binary = await app.agent.nextFrame("message", stream);
    expect([binary.text, [...binary.bytes]]).toEqual([false, [0, 255, 1]]);
    expect(await text(stream)).toBe("");
    say(stream, "\uFEFFwith a byte order mark");
    app.agent.frame({ type: "message", stream, text: false, more: false, bytes: Uint8Array.of(7) });
    say(stream, "");
    expect(await client.next()).toBe("\uFEFFwith a byte order mark");
    expect(new Uint8Array((await client.next()) as ArrayBuffer)).toEqual(Uint8Array.of(7));
    expect(await client.next()).toBe("");
  });

  it("[WS2] of more than a MiB travel in parts and arrive whole, from the client", async () => {
    const { client, stream } = await open();
    const big = new Uint8Array(maxWindowBytes + 300_000).map((_, index) => index % 251);
    client.socket.send(big);
    const got = new Uint8Array(big.length);
    let at = 0;
    for (let more = true; more;) {
      const part = await app.agent.nextFrame("message", stream);
      expect(part.bytes.length).toBeLessThanOrEqual(dataFrameBytes);
      got.set(part.bytes, at);
      at += part.bytes.length;
      ({ more } = part);
      app.agent.grant(stream, at + WINDOW);
    }
    expect(at).toBe(big.length);
    expect(got.every((byte, index) => byte === big[index])).toBe(true);
  });

  it("[WS2] of more than a MiB travel in parts and arrive whole, from the app", async () => {
    const { client, stream } = await open();
    const parts = Array.from({ length: 24 }, (_, index) => new Uint8Array(WINDOW - 1).fill(index));
    let granted: number = WINDOW;
    let sent = 0;
    for (const [index, bytes] of parts.entries()) {
      sent += bytes.length;
      while (granted < sent) granted = (await app.agent.nextFrame("credit", stream)).offset;
      app.agent.frame({ type: "message", stream, text: false, more: index < parts.length - 1, bytes });
    }
    const whole = new Uint8Array((await client.next()) as ArrayBuffer);
    expect(whole.length).toBe(sent);
    expect([whole[0], whole[WINDOW], whole.at(-1)]).toEqual([0, 1, 23]);
  });

  it("[WS3] close a client with 1013 once 16 MiB wait for the app", async () => {
    const { client, stream } = await open();
    for (let sent = 0; sent <= MAX_APP_MESSAGE_BYTES + WINDOW; sent += 1024 * 1024) {
      client.socket.send(new Uint8Array(1024 * 1024));
    }
    expect((await client.closed).code).toBe(1013);
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
    const sent = app.agent
      .frames("message", stream)
      .reduce((sum, frame) => sum + ("bytes" in frame ? frame.bytes.length : 0), 0);
    expect(sent).toBe(WINDOW);
  });

  it("[CR3] of an app that sends more than it was granted reset the stream with protocol", async () => {
    const { client, stream } = await open();
    app.agent.frame({ type: "message", stream, text: false, more: true, bytes: new Uint8Array(WINDOW + 1) });
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "protocol" });
    expect((await client.closed).code).toBe(1002);
  });

  it("reset a stream on which the agent sends frames of an HTTP stream", async () => {
    const { client, stream } = await open();
    app.agent.frame({ type: "data", stream, bytes: utf8("x") });
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "protocol" });
    expect((await client.closed).code).toBe(1002);
  });
});

describe("the end of a WebSocket", () => {
  it("[WS4] passes codes and reasons both ways", async () => {
    const first = await open();
    first.client.socket.close(4001, "enough");
    expect(await app.agent.nextFrame("close", first.stream)).toMatchObject({ code: 4001, reason: "enough" });
    const second = await open();
    app.agent.frame({ type: "close", stream: second.stream, code: 3007, reason: "app's reason" });
    expect(await second.client.closed).toEqual({ code: 3007, reason: "app's reason" });
  });

  it("[WS4] lets a close come behind what the client said before it, also where that waits for credit", async () => {
    const { client, stream } = await open();
    client.socket.send(new Uint8Array(WINDOW + 500));
    client.socket.send("last words");
    client.socket.close(4002, "that was all");
    await eventually(() => expect(app.agent.frames("message", stream)).toHaveLength(1));
    // What the app says meanwhile has nobody to go to, and harms nothing.
    say(stream, "are you there?");
    app.agent.grant(stream, 2 * WINDOW);
    expect(await app.agent.nextFrame("close", stream)).toMatchObject({ code: 4002, reason: "that was all" });
    const said = app.agent.frames("message", stream).map((frame) => ("bytes" in frame ? frame.bytes.length : 0));
    expect(said).toEqual([WINDOW, 500, "last words".length]);
    expect(app.agent.frames("reset", stream)).toEqual([]);
  });

  it("[WS4] turns codes that may not be sent into 1000 or a code of a connection that broke off", async () => {
    const none = await open();
    none.client.socket.close();
    expect((await app.agent.nextFrame("close", none.stream)).code).toBe(1005);
    const given = await open();
    app.agent.frame({ type: "close", stream: given.stream, code: 1005, reason: "" });
    expect((await given.client.closed).code).toBe(1000);
    const broken = await open();
    app.agent.frame({ type: "reset", stream: broken.stream, code: "unreachable", message: "broke off" });
    expect((await broken.client.closed).code).toBe(1012);
  });

  it("[ST4] resets the app's side when the client's connection breaks without a close", async () => {
    const { stream } = await open();
    // A pulled cable, as the runtime tells it.
    await runInDurableObject(hubOf(app.node), async (hub) => {
      for (const connection of hub.getConnections("client")) await hub.onClose(connection as never, 1006, "");
    });
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
    expect(app.agent.frames("close", stream)).toEqual([]);
  });

  it("[ST6] is 1012 when the link is lost", async () => {
    const { client } = await open();
    app.agent.socket.close(1000);
    expect((await client.closed).code).toBe(1012);
  });

  it("[FR9] makes late frames of the agent harmless", async () => {
    const { client, stream } = await open();
    client.socket.close(1000);
    await app.agent.nextFrame("close", stream);
    say(stream, "late");
    app.agent.frame({ type: "close", stream, code: 1000, reason: "" });
    const next = await open();
    say(next.stream, "still here");
    expect(await next.client.next()).toBe("still here");
  });
});

describe("hibernation", () => {
  it("[WS5] keeps an open socket, and its offsets go on in both directions", async () => {
    const { client, stream } = await open();
    const idle = await open("/idle");
    client.socket.send("x".repeat(1000));
    await app.agent.nextFrame("message", stream);
    app.agent.frame({ type: "message", stream, text: false, more: false, bytes: new Uint8Array(2000) });
    await client.next();
    await hibernate(app.node);
    say(stream, "woken by the app");
    expect(await client.next()).toBe("woken by the app");
    await hibernate(app.node);
    client.socket.send("woken by the client");
    expect(await text(stream)).toBe("woken by the client");
    // The window that was granted before goes on: exactly that much may still be sent, in either direction.
    const used = 1000 + "woken by the client".length;
    client.socket.send(new Uint8Array(2 * WINDOW));
    const part = () =>
      app.agent.frames("message", stream).reduce((sum, frame) => sum + ("bytes" in frame ? frame.bytes.length : 0), 0);
    await eventually(() => expect(part()).toBe(WINDOW - used));
    const left = WINDOW - 2000 - "woken by the app".length;
    app.agent.frame({ type: "message", stream, text: false, more: false, bytes: new Uint8Array(left) });
    expect(((await client.next()) as ArrayBuffer).byteLength).toBe(left);
    expect((await app.agent.nextFrame("credit", stream)).offset).toBeGreaterThan(WINDOW);
    expect(app.agent.frames("reset", stream)).toEqual([]);
    say(idle.stream, "the other one too");
    expect(await idle.client.next()).toBe("the other one too");
  });

  it("[WS5] ends a socket with 1011 when a message of the app was only half there", async () => {
    const { client, stream } = await open();
    app.agent.frame({ type: "message", stream, text: true, more: true, bytes: utf8("half a mes") });
    const other = await open("/other");
    await hibernate(app.node);
    say(other.stream, "wake up");
    expect(await other.client.next()).toBe("wake up");
    expect((await client.closed).code).toBe(1011);
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[WS5] ends a socket with 1011 when a message of the client was only half sent", async () => {
    const { client, stream } = await open();
    client.socket.send(new Uint8Array(WINDOW + 1));
    await app.agent.nextFrame("message", stream);
    await hibernate(app.node);
    app.agent.grant(stream, 2 * WINDOW);
    expect((await client.closed).code).toBe(1011);
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[FR3] never uses a stream's number twice, and [ST6] ends sockets that were open before it", async () => {
    const before = await open();
    await hibernate(app.node);
    const after = await open();
    expect(after.stream).toBeGreaterThan(before.stream);
    await hibernate(app.node);
    app.agent.socket.close(1000);
    expect((await before.client.closed).code).toBe(1012);
    expect((await after.client.closed).code).toBe(1012);
  });

  it("[HB3] keeps looking at the heartbeat for a socket that was open before it", async () => {
    await open();
    await hibernate(app.node);
    await runTasks(app.node, "watch");
    expect(await planned(app.node)).toContain("watch");
  });
});
