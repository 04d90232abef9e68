import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Logs } from "@roundhouse/protocol/api/instance";
import type { Stats } from "@roundhouse/protocol/facts";
import { MAX_REPLY_BODY_BYTES } from "@roundhouse/protocol/limits";
import type { StatsRecorder } from "../../../worker-agent/src/host/stats.ts";
import { openLog } from "../../../worker-agent/src/keeper/log.ts";
import { agentServices } from "../../../worker-agent/src/services/router.ts";
import { atEnd, eventually, linked, type Peer } from "../link/gateway.ts";

const sample = (cpuPercent: number): Stats => ({
  at: "2026-01-01T00:00:00.000Z",
  cpuPercent,
  memoryUsedBytes: 1,
  diskFreeBytes: 1,
  gpus: [],
});

/** A recorder whose samples the test makes, and that tells how many follow it. */
function fakeStats() {
  const state = { followers: 0, push: (_stats: Stats): void => undefined };
  const recorder: StatsRecorder = {
    history: () => [sample(1), sample(2)],
    latest: () => sample(2),
    async *follow(signal) {
      const queue: Stats[] = [];
      let wake: () => void = () => undefined;
      state.followers += 1;
      state.push = (stats) => (queue.push(stats), wake());
      signal.addEventListener("abort", () => wake());
      try {
        while (!signal.aborted) {
          const next = queue.shift();
          if (next) yield next;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        state.followers -= 1;
      }
    },
    stop: () => undefined,
  };
  return { state, recorder };
}

async function served(segmentBytes = 1024, segmentsKept = 4) {
  const dir = await mkdtemp(join(tmpdir(), "rh-services-"));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  const log = await openLog(dir, { segmentBytes, segmentsKept });
  atEnd(() => log.close());
  const { state, recorder } = fakeStats();
  const services = agentServices({
    stats: recorder,
    logDirOf: (id) => (id === "in_app" ? dir : undefined),
    uploads: async (request) => new Response(new URL(request.url).pathname),
    terminals: { fetch: async () => undefined, feed: () => undefined },
    trash: async () => undefined,
    tools: async () => undefined,
    versions: async () => undefined,
    providers: async () => undefined,
    mcp: { fetch: async () => undefined, feed: () => undefined },
    files: async (request) => new Response(new URL(request.url).pathname),
  });
  const peer = await linked([], {}, { services });
  return { peer, log, state, write: (text: string) => log.write(Buffer.from(text)) };
}

/** What a feed said: offsets as numbers, bytes joined between them. */
async function heard(peer: Peer, count: number): Promise<(number | string)[]> {
  const all: (number | string)[] = [];
  while (all.length < count) {
    const { text, bytes, more } = await peer.nextFrame("message");
    expect(more).toBe(false);
    const words = Buffer.from(bytes).toString();
    if (text) all.push((JSON.parse(words) as { offset: number }).offset);
    else if (typeof all.at(-1) === "string") all[all.length - 1] += words;
    else all.push(words);
  }
  return all;
}

describe("the agent's services", () => {
  it("[SV1] answer a piece of a log, in one frame when it is small (ST5)", async () => {
    const { peer, write } = await served();
    await write("first\nsecond\n");
    peer.open("agent", { path: "/instances/in_app/logs?offset=6" });
    const answer = await peer.answer();
    expect(answer).toMatchObject({ status: 200, frame: "reply" });
    expect(JSON.parse(answer.body)).toEqual({ content: "second\n", offset: 6, size: 13, next: 13 });
    peer.open("agent", { path: "/instances/in_app/logs?offset=-7" }, 2);
    expect(JSON.parse((await peer.answer(2)).body)).toMatchObject({ content: "second\n", offset: 6 });
  });

  it("[SV1] answer a long log in pieces as fast as credits allow", async () => {
    const { peer, write } = await served(4 * 1024 * 1024);
    const text = "x".repeat(3 * MAX_REPLY_BODY_BYTES);
    await write(text);
    peer.open("agent", { path: "/instances/in_app/logs" });
    await peer.nextFrame("head");
    peer.frame({ type: "credit", stream: 1, offset: 1024 * 1024 });
    await peer.nextFrame("end");
    const body = Buffer.concat(peer.frames("data").map(({ bytes }) => bytes)).toString();
    expect(JSON.parse(body)).toEqual({ content: text, offset: 0, size: text.length, next: text.length });
  });

  it("[SV1] say where a log goes on, and cut no character in two, whatever bytes an app prints", async () => {
    const { peer, log } = await served(4 * 1024 * 1024);
    const text = `${"lädt Modell 模型 🚂\n".repeat(30_000)}end\n`;
    await log.write(Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(text)]));
    // A character that is being written while somebody looks.
    await log.write(Buffer.from("🚂").subarray(0, 2));
    let [content, offset, stream] = ["", 0, 0];
    const look = async () => {
      peer.open("agent", { path: `/instances/in_app/logs?offset=${offset}` }, (stream += 1));
      peer.frame({ type: "credit", stream, offset: 1024 * 1024 });
      const part = JSON.parse((await peer.answer(stream)).body) as Logs;
      expect(part.offset).toBe(offset);
      [content, offset] = [content + part.content, part.next];
      return part;
    };
    while ((await look()).content !== "");
    expect(content).toBe(`\uFFFD\uFFFD\n${text}`);
    await log.write(Buffer.from("🚂").subarray(2));
    expect(await look()).toMatchObject({ content: "🚂", next: offset, size: offset });
  });

  it("[SV1] begin with a whole character where a log is asked for from its end", async () => {
    const { peer, write } = await served();
    await write("x模型\n");
    const parts = [];
    for (const [index, offset] of [-1, -3, -4, -5, -7, -8, -99].entries()) {
      peer.open("agent", { path: `/instances/in_app/logs?offset=${offset}` }, index + 1);
      const { content, offset: from } = JSON.parse((await peer.answer(index + 1)).body) as Logs;
      parts.push([content, from]);
    }
    const [end, one, two, all] = [
      ["\n", 7],
      ["型\n", 4],
      ["模型\n", 1],
      ["x模型\n", 0],
    ];
    expect(parts).toEqual([end, end, one, one, two, all, all]);
  });

  it("[SV1] answer the last hour of stats, 404 for what is not there and 405 for other methods", async () => {
    const { peer } = await served();
    peer.open("agent", { path: "/stats" }, 1);
    expect(JSON.parse((await peer.answer(1)).body)).toEqual({ items: [sample(1), sample(2)] });
    const nothing = [
      "/",
      "/instances/in_other/logs",
      "/instances/../logs",
      "/instances/in_app/logs/more",
      "/instances/in_app%2F../logs",
    ];
    for (const [index, path] of nothing.entries()) {
      peer.open("agent", { path }, index + 10);
      expect([path, (await peer.answer(index + 10)).status]).toEqual([path, 404]);
      peer.open("agent", { path, kind: "websocket" }, index + 20);
      expect((await peer.answer(index + 20)).status).toBe(404);
    }
    peer.open("agent", { path: "/stats", method: "POST" }, 30);
    expect((await peer.answer(30)).status).toBe(405);
  });

  it("[UP1] hand what concerns uploads to their own room", async () => {
    const { peer } = await served();
    for (const [index, path] of ["/instances/in_app/uploads", "/instances/in_app/uploads/up_1"].entries()) {
      peer.open("agent", { path, method: "PATCH" }, index + 1);
      expect(await peer.answer(index + 1)).toMatchObject({ status: 200, body: path });
    }
    peer.open("agent", { path: "/instances/in_app/uploadsx" }, 9);
    expect((await peer.answer(9)).status).toBe(404);
  });
});

/** Bytes that were written up to and with this letter. */
function seenBy(letter: string): number {
  return ("abcdef".indexOf(letter) + 1) * 70;
}

describe("feeds", () => {
  it("[SV2] say where the bytes begin, and go on as the log grows", async () => {
    const { peer, write } = await served();
    await write("before ");
    peer.open("agent", { kind: "websocket", path: "/instances/in_app/logs?offset=2" });
    expect((await peer.nextFrame("head")).head).toEqual({ status: 101, headers: [] });
    expect(await heard(peer, 2)).toEqual([2, "fore "]);
    await write("after");
    expect(await heard(peer, 1)).toEqual(["after"]);
  });

  it("[SV2] count on over segments, and say anew where they begin when old ones were dropped", async () => {
    const { peer, write } = await served(100, 2);
    peer.open("agent", { kind: "websocket", path: "/instances/in_app/logs" });
    await peer.nextFrame("head");
    let seen = "";
    for (const letter of "abcdef") {
      await write(letter.repeat(70));
      while (seen.length < seenBy(letter))
        seen += (await heard(peer, 1)).filter((part) => typeof part === "string").join("");
    }
    expect(seen).toBe(
      "abcdef"
        .split("")
        .map((letter) => letter.repeat(70))
        .join(""),
    );
    // One that comes when the beginning is gone is told where it begins.
    const second = await served(100, 2);
    for (let n = 0; n < 10; n += 1) await second.write(String(n).repeat(100));
    second.peer.open("agent", { kind: "websocket", path: "/instances/in_app/logs?offset=0" });
    const [offset, bytes] = await heard(second.peer, 2);
    expect(offset).toBe(800);
    expect(String(bytes)).toMatch(/^8+9*$/);
  });

  it("[SV2] answer with the dashboard's subprotocol where it was offered, and only there", async () => {
    const { peer } = await served();
    const offered: [string, string][] = [["sec-websocket-protocol", "roundhouse.v1"]];
    peer.open("agent", { kind: "websocket", path: "/stats", headers: offered }, 1);
    expect((await peer.nextFrame("head", 1)).head.headers).toEqual(offered);
    peer.open("agent", { kind: "websocket", path: "/stats" }, 2);
    expect((await peer.nextFrame("head", 2)).head.headers).toEqual([]);
  });

  it("[SV3] cost nothing once nobody reads them, however the reader went", async () => {
    const { peer, state } = await served();
    const ways = [
      { type: "close", stream: 1, code: 1000, reason: "" },
      { type: "reset", stream: 2, code: "cancelled", message: "" },
    ] as const;
    for (const frame of ways) {
      peer.open("agent", { kind: "websocket", path: "/stats" }, frame.stream);
      await peer.nextFrame("head", frame.stream);
      expect(state.followers).toBe(1);
      state.push(sample(5));
      const { bytes, text } = await peer.nextFrame("message", frame.stream);
      expect([text, JSON.parse(Buffer.from(bytes).toString())]).toEqual([true, sample(5)]);
      peer.frame(frame);
      await eventually(() => expect(state.followers).toBe(0));
    }
    peer.open("agent", { kind: "websocket", path: "/stats" }, 3);
    await peer.nextFrame("head", 3);
    peer.socket.terminate();
    await eventually(() => expect(state.followers).toBe(0));
  });

  it("end alone when reading fails, and tell the reader", async () => {
    const log = vi.fn<() => void>();
    const services = {
      fetch: () => Promise.reject(new Error("disk on fire")),
      feed: async function* () {
        log();
        yield "one";
        throw new Error("disk on fire");
      },
    };
    const peer = await linked([], {}, { services });
    peer.open("agent", { path: "/x" }, 1);
    expect(await peer.nextFrame("reset", 1)).toMatchObject({ code: "unreachable", message: "disk on fire" });
    peer.open("agent", { kind: "websocket", path: "/x" }, 2);
    await peer.nextFrame("message", 2);
    expect(await peer.nextFrame("reset", 2)).toMatchObject({ code: "unreachable" });
    expect(log).toHaveBeenCalled();
  });
});
