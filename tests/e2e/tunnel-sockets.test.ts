/** WebSockets between a browser's connection and an app: what is agreed on, what is said, and how each side's end reaches the other. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type WebSocket from "ws";
import { openTunnel, readAll, type Tunnel } from "./tunnel.ts";
import { until } from "./until.ts";

let tunnel: Tunnel;
beforeAll(async () => {
  tunnel = await openTunnel();
});
afterAll(() => tunnel?.close());

type Pair = { client: WebSocket; app: WebSocket; request: IncomingMessage };

/** Both ends of one open WebSocket. */
async function openPair(protocols: string[] = [], rest = ""): Promise<Pair> {
  const opened = Promise.withResolvers<Omit<Pair, "client">>();
  const path = tunnel.serveSockets((app, request) => opened.resolve({ app, request }));
  const client = tunnel.dial(path + rest, protocols);
  client.on("error", () => undefined);
  await once(client, "open");
  const pair = { client, ...(await opened.promise) };
  // The runtime of `npm start` is slow to hang up on a client that never said a thing: docs/apps.md.
  client.send("here");
  await once(pair.app, "message");
  return pair;
}

/** Collects what arrives, kind and all. */
function listen(socket: WebSocket): { kind: "text" | "binary"; bytes: string }[] {
  const got: { kind: "text" | "binary"; bytes: string }[] = [];
  socket.on("message", (data: Buffer, isBinary) =>
    got.push({ kind: isBinary ? "binary" : "text", bytes: data.toString("latin1") }),
  );
  return got;
}

/** The status, headers and words with which an upgrade was refused. */
async function refusalOf(
  client: WebSocket,
): Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }> {
  client.on("error", () => undefined);
  const [, message] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
  return { status: message.statusCode ?? 0, headers: message.headers, text: (await readAll(message)).toString() };
}

async function closeOf(socket: WebSocket): Promise<[number, string]> {
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  return [code, reason.toString()];
}

describe("opening", () => {
  test("[WS1] offers every subprotocol to the app, and answers with the one it chose, or none", async () => {
    const { client, request } = await openPair(["first", "second.v2"]);
    // The app of these tests takes the first.
    expect([request.headers["sec-websocket-protocol"], client.protocol]).toEqual(["first,second.v2", "first"]);
    client.close();
    const bare = await openPair();
    expect([bare.request.headers["sec-websocket-protocol"], bare.client.protocol]).toEqual([undefined, ""]);
    bare.client.close();
  });

  test("[HD1] shows the app its own address, the query as it is, and no cookie of ours", async () => {
    const { client, request } = await openPair([], "socket?token=a%2Fb&x=");
    expect(request.url).toMatch(/\/socket\?token=a%2Fb&x=$/);
    expect(request.headers).toMatchObject({
      host: tunnel.localHost,
      origin: `http://${tunnel.localHost}`,
      "x-forwarded-host": tunnel.host,
    });
    expect(request.headers.cookie).toBeUndefined();
    client.close();
  });

  test("[WS1] that the app refuses is refused with its status, headers and words", async () => {
    const path = tunnel.serve((_request, response) => response.end());
    // Nothing of the app takes WebSockets there: its server says 404.
    expect((await refusalOf(tunnel.dial(path))).status).toBe(404);
  });
});

describe("messages", () => {
  test("[WS2] keep kind, bytes and order both ways, empty ones and megabytes among them", async () => {
    const { client, app } = await openPair();
    const messages = [
      "",
      "a",
      "grüße 😀",
      Buffer.alloc(0),
      Buffer.from([0, 255, 128]),
      "x".repeat(3_000_000),
      Buffer.alloc(2_000_000, 7),
      "last",
    ];
    const [atApp, atClient] = [listen(app), listen(client)];
    for (const message of messages) {
      client.send(message);
      app.send(message);
    }
    const expected = messages.map((message) => ({
      kind: typeof message === "string" ? "text" : "binary",
      bytes: Buffer.from(message).toString("latin1"),
    }));
    await until("all is there", () => atApp.length === expected.length && atClient.length === expected.length, {
      limitMs: 60_000,
    });
    expect(atApp).toEqual(expected);
    expect(atClient).toEqual(expected);
    client.close();
  });

  test("[WS2] go their way one by one: each is answered before the next is said", async () => {
    const { client, app } = await openPair();
    app.on("message", (data: Buffer) => app.send(`${data.toString()}!`));
    for (let count = 0; count < 50; count += 1) {
      client.send(String(count));
      const [answer] = (await once(client, "message")) as [Buffer];
      expect(answer.toString()).toBe(`${count}!`);
    }
    client.close();
  });

  test("[WS8] pings are answered on each hop", async () => {
    const { client, app } = await openPair();
    const pongs = Promise.all([once(client, "pong"), once(app, "pong")]);
    client.ping("from the client");
    app.ping("from the app");
    const [[atClient], [atApp]] = (await pongs) as [[Buffer], [Buffer]];
    expect([atClient.toString(), atApp.toString()]).toEqual(["from the client", "from the app"]);
    client.close();
  });

  test("[WS2] of more than 16 MiB end the socket with 1009", async () => {
    const { client, app } = await openPair();
    const closed = closeOf(client);
    app.on("error", () => undefined);
    app.send(Buffer.alloc(16 * 1024 * 1024 + 1));
    expect((await closed)[0]).toBe(1009);
  });
});

describe("the end", () => {
  const ends: [number, string][] = [
    [1000, "done"],
    [1001, "going"],
    [3000, "grüße"],
    [4999, "x".repeat(123)],
  ];

  test("[WS4] by the app reaches the client with its code and reason, after everything that was said", async () => {
    for (const [code, reason] of ends) {
      const { client, app } = await openPair();
      const [got, closed] = [listen(client), closeOf(client)];
      for (let count = 0; count < 100; count += 1) app.send(`word ${count}`);
      app.close(code, reason);
      expect(await closed).toEqual([code, reason]);
      expect(got).toHaveLength(100);
    }
  });

  test("[WS4] by the client reaches the app with its code and reason, after everything that was said", async () => {
    for (const [code, reason] of ends) {
      const { client, app } = await openPair();
      const [got, closed] = [listen(app), closeOf(app)];
      for (let count = 0; count < 100; count += 1) client.send(`word ${count}`);
      client.close(code, reason);
      expect(await closed).toEqual([code, reason]);
      expect(got).toHaveLength(100);
    }
  });

  test("[WS4] without a code is an end without trouble, either way", async () => {
    const first = await openPair();
    const atClient = closeOf(first.client);
    first.app.close();
    expect((await atClient)[0]).toBeOneOf([1000, 1005]);
    const second = await openPair();
    const atApp = closeOf(second.app);
    second.client.close();
    expect((await atApp)[0]).toBeOneOf([1000, 1005]);
  });

  test("[WS4] without a word is told as broken off, either way", async () => {
    const first = await openPair();
    const atClient = closeOf(first.client);
    first.app.terminate();
    expect((await atClient)[0]).toBe(1012);
    const second = await openPair();
    const atApp = closeOf(second.app);
    second.client.terminate();
    expect((await atApp)[0]).toBeOneOf([1001, 1006]);
  });
});
