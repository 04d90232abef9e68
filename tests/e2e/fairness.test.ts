/** Many at once on one link: whoever stalls or floods holds nobody else up, and fills no memory. */
import { readFileSync } from "node:fs";
import { type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type WebSocket from "ws";
import { openTunnel, type Tunnel } from "./tunnel.ts";
import { until } from "./until.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Far above what windows hold (32 MiB for all streams of a link), far below what floods below would fill. */
const MOST_GROWTH_BYTES = 160 * MIB;

let tunnel: Tunnel;
beforeAll(async () => {
  tunnel = await openTunnel();
});
afterAll(() => tunnel?.close());

/** Memory of the runtime, which holds every hub. */
function runtimeBytes(): number {
  const [runtime] = tunnel.house.runtimes();
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${runtime?.pid}/status`, "utf8"));
  return Number(line?.[1]) * KIB;
}

/** A body of this size, written as fast as it is taken; how much was taken so far is told. */
function serveBytes(size: number): { path: string; taken(): number } {
  let taken = 0;
  const path = tunnel.serve((_request, response) => {
    response.writeHead(200, { "content-length": size });
    let left = size;
    const write = (): void => {
      while (left > 0 && !response.destroyed) {
        const chunk = Buffer.alloc(Math.min(64 * KIB, left), "x");
        left -= chunk.length;
        taken += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", write);
      }
      response.end();
    };
    write();
  });
  return { path, taken: () => taken };
}

async function count(message: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) bytes += chunk.length;
  return bytes;
}

function opened(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => socket.once("open", () => resolve(socket)).once("error", reject));
}

function closeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once("close", resolve).on("error", () => undefined));
}

describe("readers of large bodies that stall", () => {
  test("[CR6] [ST3] hold up neither small requests nor a large download, and fill no memory", async () => {
    const before = runtimeBytes();
    const large = serveBytes(256 * MIB);
    const small = tunnel.serve((_request, response) => response.end("small"));
    const whole = serveBytes(24 * MIB);
    const stalled = await Promise.all(Array.from({ length: 24 }, () => tunnel.open(large.path)));
    for (const message of stalled) message.pause();
    let last = -1;
    // Windows, sockets and pipes fill up; then the app is taken nothing more from.
    await until("the app is no longer read", async () => {
      const isStill = large.taken() === last;
      last = large.taken();
      await sleep(500);
      return isStill;
    });
    const answers = await Promise.all(Array.from({ length: 60 }, () => tunnel.ask(small)));
    expect(answers.every(({ status, text }) => status === 200 && text === "small")).toBe(true);
    expect(await count(await tunnel.open(whole.path))).toBe(24 * MIB);
    // The sockets of four hops hold some 17 MiB of each; the rest stays at the app.
    expect(large.taken()).toBeLessThan(24 * 64 * MIB);
    expect(runtimeBytes() - before).toBeLessThan(MOST_GROWTH_BYTES);
    for (const message of stalled) message.destroy();
  });
});

test("[CR5] two hundred exchanges are open at once, and each gets its own answer", async () => {
  const waiting: (() => void)[] = [];
  const path = tunnel.serve((request, response) => {
    waiting.push(() => response.end(`${request.url}`.padEnd(40 * KIB, ".")));
  });
  const answers = Array.from({ length: 200 }, (_, index) => tunnel.ask(`${path}${index}`));
  await until("all of them are at the app", () => waiting.length === 200, { limitMs: 30_000 });
  for (const answer of waiting) answer();
  for (const [index, { status, text }] of (await Promise.all(answers)).entries()) {
    expect([status, text.length, text.split(".")[0]?.endsWith(`/${index}`)]).toEqual([200, 40 * KIB, true]);
  }
});

test("[WS2] a thousand WebSockets of one node are open at once, and each is answered", async () => {
  const path = tunnel.serveSockets((socket) =>
    socket.on("message", (data) => socket.send(`echo of ${(data as Buffer).toString()}`)),
  );
  const sockets: WebSocket[] = [];
  while (sockets.length < 1_000) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => opened(tunnel.dial(path))))));
  }
  const echoes = sockets.map(
    (socket, index) =>
      new Promise<boolean>((resolve) => {
        socket.once("message", (data) => resolve((data as Buffer).toString() === `echo of ${index}`));
        socket.send(String(index));
      }),
  );
  expect((await Promise.all(echoes)).every(Boolean)).toBe(true);
  expect(sockets.every(({ readyState }) => readyState === 1)).toBe(true);
  const closed = sockets.map(closeOf);
  for (const socket of sockets) socket.close(1000);
  await Promise.all(closed);
});

describe("floods over WebSockets", () => {
  test("[WS3] of a client to an app that does not read end with 1013, fill no memory, and disturb nobody", async () => {
    const before = runtimeBytes();
    const deaf = tunnel.serveSockets((socket) => socket.pause());
    const echo = tunnel.serveSockets((socket) => socket.on("message", (data) => socket.send(data as Buffer)));
    const neighbour = await opened(tunnel.dial(echo));
    const client = await opened(tunnel.dial(deaf));
    const closed = closeOf(client);
    const flood = Buffer.alloc(MIB, "f");
    for (let sent = 0; sent < 300 && client.readyState === 1; sent += 1) {
      await new Promise((resolve) => client.send(flood, resolve));
      // The runtime takes all that comes until it hears the hub's refusal, which a client that never pauses outruns.
      await sleep(10);
    }
    expect(await closed).toBe(1013);
    const answer = new Promise((resolve) => neighbour.once("message", (data) => resolve((data as Buffer).toString())));
    neighbour.send("still there?");
    expect(await answer).toBe("still there?");
    expect(runtimeBytes() - before).toBeLessThan(MOST_GROWTH_BYTES);
    neighbour.terminate();
  });

  test("[WS2] messages beyond 16 MiB end their own socket, from either side", async () => {
    const path = tunnel.serveSockets((socket) => {
      socket.on("message", () => socket.send(Buffer.alloc(16 * MIB + 1)));
      socket.on("error", () => undefined);
    });
    const bySize = await opened(tunnel.dial(path));
    const first = closeOf(bySize);
    bySize.send(Buffer.alloc(16 * MIB + 1));
    expect(await first).toBe(1009);
    const byApp = await opened(tunnel.dial(path));
    const second = closeOf(byApp);
    byApp.send("send me too much");
    expect(await second).toBe(1009);
  });

  test("[WS7] of an app to a client that does not read are slowed down, and disturb nobody", async () => {
    const before = runtimeBytes();
    let sent = 0;
    const path = tunnel.serveSockets((socket) => {
      const flood = (): void => {
        sent += 1;
        if (socket.readyState === 1 && sent < 600) socket.send(Buffer.alloc(MIB), flood);
      };
      socket.once("message", flood);
    });
    const small = tunnel.serve((_request, response) => response.end("small"));
    const client = await opened(tunnel.dial(path));
    client.pause();
    client.send("go");
    await sleep(4_000);
    expect((await tunnel.ask(small)).text).toBe("small");
    expect(sent).toBeGreaterThan(32);
    expect(runtimeBytes() - before).toBeLessThan(MOST_GROWTH_BYTES);
    client.terminate();
  });

  test("[WS6] of an app to a client that reads arrive whole and in order, and fill no memory", async () => {
    const before = runtimeBytes();
    const messages = 400;
    const path = tunnel.serveSockets((socket) => {
      socket.once("message", () => {
        for (let index = 0; index < messages; index += 1) socket.send(Buffer.alloc(200 * KIB, index % 251));
      });
    });
    const client = await opened(tunnel.dial(path));
    let got = 0;
    const all = new Promise<void>((resolve, reject) => {
      client.on("message", (data) => {
        const bytes = data as Buffer;
        if (bytes.length !== 200 * KIB || bytes[0] !== got % 251) reject(new Error(`message ${got} is wrong`));
        got += 1;
        if (got === messages) resolve();
      });
      client.on("close", (code) => reject(new Error(`closed with ${code} after ${got}`)));
    });
    client.send("go");
    await all;
    expect(runtimeBytes() - before).toBeLessThan(MOST_GROWTH_BYTES);
    client.terminate();
  });
});
