/** The agent's side of the multiplexer between real apps and a model of a hub: random streams, pieces, turns, ends and losses. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type WebSocket from "ws";
import { decodeFrame, type Frame, type OpenHead } from "@roundhouse/protocol/frames";
import { Outbox } from "../../../../worker-agent/src/link/outbox.ts";
import { Streams } from "../../../../worker-agent/src/link/streams.ts";
import { MemoryLink } from "../../../protocol/multiplexer/link.ts";
import { content, type Plan, plan, SMALL_TUNING, type StreamPlan, sum } from "../../../protocol/multiplexer/plan.ts";
import { expectMessages, expectPrefix } from "../../../protocol/multiplexer/exact.ts";
import { Turns } from "../../../protocol/multiplexer/turns.ts";
import { eventually } from "../gateway.ts";
import { Apps, type Got, SWALLOW } from "./apps.ts";
import { ModelHub, type Outcome } from "./model-hub.ts";

/** Frames that must have crossed the link in all. */
const WANTED_FRAMES = Number(process.env["MULTIPLEXER_FRAMES"] ?? 10_000);
/** Each waits for sockets most of the time. */
const PLANS_AT_ONCE = 10;

const plans = fc.array(plan, { minLength: 1, maxLength: PLANS_AT_ONCE, size: "max" });
const loopTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const apps = new Apps();
let port: number;
beforeAll(async () => {
  port = await apps.listen();
});
afterAll(() => apps.close());

describe("the agent's streams", () => {
  it("[CR1] [CR5] [FR9] [ST2] [ST4] [ST6] are byte-exact, end for certain, and leave nothing behind, whatever comes when", async () => {
    let frames = 0;
    for (let seed = 1; frames < WANTED_FRAMES; seed += 1) {
      const property = fc.asyncProperty(
        plans,
        async (drawn) => void (frames += sum(await Promise.all(drawn.map(run)))),
      );
      await fc.assert(property, { numRuns: 4, ...(WANTED_FRAMES > 10_000 ? {} : { seed }) });
    }
  }, 3_600_000);
});

let runs = 0;

/** Plays one plan and judges it. Answers how many frames crossed the link. */
async function run(drawn: Plan): Promise<number> {
  const name = (runs += 1);
  const turns = new Turns(drawn.seed, loopTurn);
  const link = new MemoryLink(turns, drawn.lostAfter, () => {
    socket.readyState = 3;
    hub.failAll();
    streams.abandonAll();
    outbox.close();
  });
  const socket = {
    OPEN: 1,
    readyState: 1,
    fragments: [] as Uint8Array[],
    send: (fragment: Uint8Array, { fin }: { fin: boolean }, taken?: () => void) => {
      socket.fragments.push(fragment);
      if (!fin) return;
      const message = Buffer.concat(socket.fragments.splice(0));
      link.carry("up", () => (taken?.(), receive(decodeFrame(message))));
    },
  };
  let receive = (frame: Frame): void => hub.receive(frame);
  const outbox = new Outbox(socket as unknown as WebSocket);
  const streams = new Streams({ tuning: SMALL_TUNING, outbox, services: apps.services, portsOf: () => [port] });
  const hub = new ModelHub(turns, (bytes) => link.carry("down", () => streams.dispatch(decodeFrame(bytes))));
  const played = drawn.streams.map((stream, index) => {
    const path = `/${name}/${index}`;
    const got = apps.add(path, { turns, plan: stream, index });
    const outcome: { is?: Outcome } = {};
    turns.start(`client ${index}`, async () => {
      await turns.some(10);
      outcome.is = await hub.use(index + 1, headOf(stream, path), stream, index);
    });
    return { stream, index, path, got, outcome };
  });
  await turns.play();
  await eventually(async () => {
    await loopTurn();
    link.drain();
    // A plan's actors may still wait for a turn: their streams are over, and they see it.
    turns.release();
    expect({ streams: streams.size, apps: played.filter(({ got }) => !got.isOver).length }).toEqual({
      streams: 0,
      apps: 0,
    });
  });
  for (const { stream, index, path, got, outcome } of played) {
    judge(stream, index, outcome.is!, got, link.isLost);
    apps.remove(path);
  }
  if (!link.isLost) await expectFullPool(streams, link, (next) => (receive = next));
  return link.carried;
}

/** Every third one goes to the agent's own services. */
function isService(stream: StreamPlan): boolean {
  return stream.kind === "http" && stream.endsAfter % 3 === 0;
}

function headOf(stream: StreamPlan, path: string): OpenHead {
  const hasBody = stream.kind === "http" && stream.up.length > 0;
  return {
    kind: stream.kind === "http" ? "http" : "websocket",
    target: isService(stream) ? { to: "agent" } : { to: "app", instance: "in_app", port },
    method: hasBody ? "POST" : "GET",
    path,
    headers: hasBody && stream.up.length % 2 ? [["content-length", String(sum(stream.up))]] : [],
    hasBody,
  };
}

function judge(stream: StreamPlan, index: number, outcome: Outcome, got: Got, isLost: boolean): void {
  const sent = { up: content(index, "up", 0, sum(stream.up)), down: content(index, "down", 0, sum(stream.down)) };
  if (stream.kind === "http") {
    expectPrefix(Buffer.concat(outcome.bytes), sent.down, `what client ${index} got`);
    expectPrefix(Buffer.concat(got.bytes), sent.up, `what app ${index} got`);
  } else {
    expectMessages(outcome.messages, stream.down, index, "down");
    expectMessages(got.messages, stream.up, index, "up");
  }
  if (isLost || stream.ending !== "whole") return;
  if (stream.kind === "socket" && stream.isHasty) return expect(outcome).toMatchObject({ how: "refused", status: 403 });
  expect([outcome.how, outcome.status, index]).toEqual(["whole", stream.kind === "http" ? 200 : 101, index]);
  if (stream.kind === "http") {
    expect(Buffer.concat(outcome.bytes)).toHaveLength(sent.down.length);
    if (!stream.isHasty) expect(Buffer.concat(got.bytes)).toHaveLength(sent.up.length);
    return;
  }
  expect(outcome.messages).toHaveLength(stream.down.length);
  expect(got.messages).toHaveLength(stream.up.length);
  expect(got.closeCode).toBe(4_000);
}

/** An upload that the app takes gets the largest window there is, if no byte of the pool is kept by one that ended (CR5). */
async function expectFullPool(
  streams: Streams,
  link: MemoryLink,
  receiveBy: (receive: (frame: Frame) => void) => void,
): Promise<void> {
  const stream = 1_000;
  let granted: number = SMALL_TUNING.initialWindowBytes;
  receiveBy((frame) => {
    if (frame.type === "credit") granted = Math.max(granted, frame.offset);
  });
  const target = { to: "app", instance: "in_app", port } as const;
  streams.dispatch({
    type: "open",
    stream,
    head: { kind: "http", target, method: "POST", path: SWALLOW, headers: [], hasBody: true },
  });
  let sent = 0;
  let widest = 0;
  for (let round = 0; round < 10 && widest < SMALL_TUNING.maxWindowBytes; round += 1) {
    streams.dispatch({ type: "data", stream, bytes: new Uint8Array(granted - sent) });
    sent = granted;
    await eventually(() => {
      link.drain();
      expect(granted).toBeGreaterThan(sent);
    });
    widest = granted - sent;
  }
  expect(widest, "the largest window that the pool still gives").toBe(SMALL_TUNING.maxWindowBytes);
  streams.dispatch({ type: "reset", stream, code: "cancelled", message: "that was all" });
  expect(streams.size).toBe(0);
}
