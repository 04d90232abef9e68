/** The hub's side of the multiplexer against a model of an agent: random streams, pieces, turns, ends and losses. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame, type Frame } from "@roundhouse/protocol/frames";
import { StreamTable } from "../../../../workers/objects/node-hub/streams.ts";
import { expectMessages, expectPrefix } from "../../../protocol/multiplexer/exact.ts";
import { MemoryLink } from "../../../protocol/multiplexer/link.ts";
import { content, type Plan, plan, SMALL_TUNING, type StreamPlan, sum } from "../../../protocol/multiplexer/plan.ts";
import { Turns } from "../../../protocol/multiplexer/turns.ts";
import { type Outcome, passageOf, useHttp, useSocket } from "./clients.ts";
import { concat, type Got, ModelAgent } from "./model-agent.ts";

/** Frames that must have crossed the link in all. */
const WANTED_FRAMES = Number((env as unknown as { MULTIPLEXER_FRAMES: string }).MULTIPLEXER_FRAMES);
/** Each waits for the event loop most of the time. */
const PLANS_AT_ONCE = 25;

const plans = fc.array(plan, { minLength: 1, maxLength: PLANS_AT_ONCE, size: "max" });
const loopTurn = () => scheduler.wait(0);

describe("the hub's streams", () => {
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

/** Plays one plan and judges it. Answers how many frames crossed the link. */
async function run(drawn: Plan): Promise<number> {
  const turns = new Turns(drawn.seed, loopTurn);
  let nextStream = 0;
  const link = new MemoryLink(turns, drawn.lostAfter, () => {
    table.failAll("the link was lost");
    agent.abandonAll();
  });
  let send = (frame: Frame | Uint8Array): boolean => {
    if (link.isLost) return false;
    const bytes = frame instanceof Uint8Array ? frame : encodeFrame(frame);
    link.carry("down", () => agent.receive(bytes));
    return true;
  };
  const table = new StreamTable({
    tuning: { ...SMALL_TUNING },
    nextStream: () => (nextStream += 1),
    send: (frame) => send(frame),
  });
  const toHub = (bytes: Uint8Array) => table.dispatch(decodeFrame(bytes));
  const planOf = (path: string) => ({ index: Number(path.slice(1)), plan: drawn.streams[Number(path.slice(1))]! });
  const agent = new ModelAgent(turns, link, toHub, planOf);
  const outcomes: Outcome[] = [];
  for (const [index, stream] of drawn.streams.entries()) {
    turns.start(`client ${index}`, async () => {
      await turns.some(10);
      const use = stream.kind === "http" ? useHttp : useSocket;
      outcomes[index] = await use(turns, table, stream, index);
    });
  }
  await turns.play();
  await settle(link);
  for (const [index, stream] of drawn.streams.entries()) {
    judge(stream, index, outcomes[index]!, agent.got.get(index), link.isLost);
  }
  expect([table.size, agent.open], "streams that are left").toEqual([0, 0]);
  await expectFullPool(table, (next) => (send = next));
  return link.carried;
}

/** What the last steps set under way arrives. */
async function settle(link: MemoryLink): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await loopTurn();
    link.drain();
  }
}

function judge(stream: StreamPlan, index: number, outcome: Outcome, got: Got | undefined, isLost: boolean): void {
  const sent = { up: content(index, "up", 0, sum(stream.up)), down: content(index, "down", 0, sum(stream.down)) };
  if (stream.kind === "http") {
    expectPrefix(concat(outcome.bytes), sent.down, `what client ${index} got`);
    expectPrefix(concat(got?.bytes ?? []), sent.up, `what app ${index} got`);
  } else {
    if (outcome.how !== "refused") expectMessages(outcome.messages, stream.down, index, "down");
    expectMessages(got?.messages ?? [], stream.up, index, "up");
  }
  if (isLost || stream.ending !== "whole") return;
  if (stream.kind === "socket" && stream.isHasty) return expect(outcome).toMatchObject({ how: "refused", status: 403 });
  expect([outcome.how, index]).toEqual(["whole", index]);
  if (stream.kind === "socket") {
    expect(outcome.messages).toHaveLength(stream.down.length);
    expect(got?.messages).toHaveLength(stream.up.length);
    return expect(got?.end).toMatchObject({ type: "close", code: 4_000 });
  }
  expect(sum(outcome.bytes.map((part) => part.length))).toBe(sent.down.length);
  if (!stream.isHasty) expect(sum(got!.bytes.map((part) => part.length))).toBe(sent.up.length);
}

/** A stream that drains gets the largest window there is, if no byte of the pool is kept by one that ended (CR5). */
async function expectFullPool(
  table: StreamTable,
  sendBy: (send: (frame: Frame | Uint8Array) => boolean) => void,
): Promise<void> {
  let stream = 0;
  let granted: number = SMALL_TUNING.initialWindowBytes;
  sendBy((sent) => {
    const frame = sent instanceof Uint8Array ? decodeFrame(sent) : sent;
    if (frame.type === "open") ({ stream } = frame);
    if (frame.type === "credit") granted = Math.max(granted, frame.offset);
    return true;
  });
  const answer = table.fetch(passageOf(new Request("http://app/probe"), "probe"));
  table.dispatch({ type: "head", stream, head: { status: 200, headers: [] } });
  const reader = (await answer).body?.getReader();
  let sent = 0;
  let widest = 0;
  for (let round = 0; round < 10 && widest < SMALL_TUNING.maxWindowBytes; round += 1) {
    const bytes = new Uint8Array(granted - sent);
    sent += bytes.length;
    table.dispatch({ type: "data", stream, bytes });
    for (let read = 0; read < bytes.length;) read += (await reader?.read())?.value?.length ?? bytes.length;
    for (let turn = 0; turn < 100 && granted === sent; turn += 1) await loopTurn();
    widest = granted - sent;
  }
  expect(widest, "the largest window that the pool still gives").toBe(SMALL_TUNING.maxWindowBytes);
  table.dispatch({ type: "end", stream });
  await reader?.read();
  expect(table.size).toBe(0);
}
