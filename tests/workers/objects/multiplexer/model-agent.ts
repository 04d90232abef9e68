/** An agent with its apps, modelled by the rules of the protocol alone: it answers each stream as a plan says. */
import { decodeFrame, encodeFrame, type Frame, type OpenHead } from "@roundhouse/protocol/frames";
import type { MemoryLink } from "../../../protocol/multiplexer/link.ts";
import { ModelEnd } from "../../../protocol/multiplexer/peer.ts";
import { content, message, type StreamPlan, sum } from "../../../protocol/multiplexer/plan.ts";
import type { Turns } from "../../../protocol/multiplexer/turns.ts";

/** What an app of the plan got from its client. */
export type Got = { bytes: Uint8Array[]; messages: { text: boolean; bytes: Uint8Array }[]; end: Frame | undefined };

export class ModelAgent {
  readonly #turns: Turns;
  readonly #link: MemoryLink;
  readonly #toHub: (bytes: Uint8Array) => void;
  readonly #planOf: (path: string) => { plan: StreamPlan; index: number };
  readonly #streams = new Map<number, { end: ModelEnd; onFrame(frame: Frame): void }>();
  readonly #numbers = new Set<number>();
  /** By the index of the plan. */
  readonly got = new Map<number, Got>();

  constructor(
    turns: Turns,
    link: MemoryLink,
    toHub: (bytes: Uint8Array) => void,
    planOf: (path: string) => { plan: StreamPlan; index: number },
  ) {
    this.#turns = turns;
    this.#link = link;
    this.#toHub = toHub;
    this.#planOf = planOf;
  }

  /** Streams that have not ended at this end. */
  get open(): number {
    return [...this.#streams.values()].filter(({ end }) => !end.isOver).length;
  }

  receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame.type === "open") return this.#open(frame.stream, frame.head);
    const stream = this.#streams.get(frame.stream);
    if (!stream) throw new Error(`[FR3] a ${frame.type} frame on stream ${frame.stream}, which was never opened`);
    // What was under way when this end ended (FR9).
    if (!stream.end.isOver) stream.onFrame(frame);
  }

  abandonAll(): void {
    for (const { end } of this.#streams.values()) end.isOver = true;
  }

  #open(stream: number, head: OpenHead): void {
    if (this.#numbers.has(stream)) throw new Error(`[FR3] stream ${stream} was used before`);
    this.#numbers.add(stream);
    const { plan, index } = this.#planOf(head.path);
    const end = new ModelEnd(this.#turns, (said) => {
      const bytes = encodeFrame({ ...said, stream });
      this.#link.carry("up", () => this.#toHub(bytes));
    });
    const got: Got = { bytes: [], messages: [], end: undefined };
    this.got.set(index, got);
    let parts: Uint8Array[] = [];
    const onFrame = (frame: Frame): void => {
      end.take(frame);
      if (frame.type === "data") got.bytes.push(frame.bytes);
      if (frame.type === "message") {
        parts.push(frame.bytes);
        if (frame.more) return;
        got.messages.push({ text: frame.text, bytes: concat(parts) });
        parts = [];
      }
      if (frame.type === "end" || frame.type === "close" || frame.type === "reset") got.end = frame;
      if (frame.type === "close" || frame.type === "reset") end.isOver = true;
    };
    this.#streams.set(stream, { end, onFrame });
    this.#turns.keep(`credits of ${index}`, () => end.grantNowAndThen());
    const answer = head.kind === "http" ? answerRequest : answerUpgrade;
    if (head.kind === "http" && !head.hasBody) got.end ??= { type: "end", stream };
    this.#turns.start(`app ${index}`, () => answer(this.#turns, end, plan, index, got));
  }
}

async function answerRequest(turns: Turns, end: ModelEnd, plan: StreamPlan, index: number, got: Got): Promise<void> {
  const isOver = () => end.isOver;
  const breaksOff = breaker(plan);
  if (!plan.isHasty && plan.ending === "whole") await turns.until(() => end.isOver || got.end !== undefined);
  await turns.some(4);
  if (breaksOff()) return reset(end);
  const total = sum(plan.down);
  const isStated = plan.down.length % 2 === 0;
  const head = { status: 200, headers: isStated ? [["content-length", String(total)] as [string, string]] : [] };
  if (total <= 2_000 && plan.ending !== "app breaks off") {
    end.say({ type: "reply", head, body: content(index, "down", 0, total) });
    end.isOver = true;
    return;
  }
  end.say({ type: "head", head });
  let at = 0;
  for (const size of plan.down) {
    if (breaksOff()) return reset(end);
    const bytes = content(index, "down", at, size);
    if (!(await end.send(bytes, (piece) => ({ type: "data", bytes: piece })))) return;
    at += size;
  }
  if (plan.ending === "app breaks off") return reset(end);
  await turns.next();
  if (isOver()) return;
  end.say({ type: "end" });
  end.isOver = true;
}

async function answerUpgrade(turns: Turns, end: ModelEnd, plan: StreamPlan, index: number, got: Got): Promise<void> {
  const breaksOff = breaker(plan);
  await turns.some(4);
  if (plan.isHasty) {
    end.say({ type: "reply", head: { status: 403, headers: [] }, body: content(index, "down", 0, 10) });
    end.isOver = true;
    return;
  }
  end.say({ type: "head", head: { status: 101, headers: [] } });
  for (const [at, size] of plan.down.entries()) {
    if (breaksOff()) return reset(end);
    const { text, bytes } = message(index, "down", at, size);
    if (!(await end.send(bytes, (piece, more) => ({ type: "message", text, more, bytes: piece })))) return;
  }
  if (plan.ending === "app breaks off") {
    end.say({ type: "close", code: 4_001, reason: "the app closes" });
    end.isOver = true;
    return;
  }
  // The client closes when it has all.
  await turns.until(() => end.isOver || got.end !== undefined);
}

function breaker(plan: StreamPlan): () => boolean {
  let steps = 0;
  return () => plan.ending === "app breaks off" && (steps += 1) > plan.endsAfter;
}

function reset(end: ModelEnd): void {
  end.say({ type: "reset", code: "unreachable", message: "the app broke off" });
  end.isOver = true;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(sum(parts.map((part) => part.length)));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
