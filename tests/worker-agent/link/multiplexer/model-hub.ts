/** A hub with its clients, modelled by the rules of the protocol alone: it opens streams and uses them as a plan says. */
import { encodeFrame, type Frame, type OpenHead } from "@roundhouse/protocol/frames";
import { ModelEnd } from "../../../protocol/multiplexer/peer.ts";
import { content, message, type StreamPlan } from "../../../protocol/multiplexer/plan.ts";
import type { Turns } from "../../../protocol/multiplexer/turns.ts";

export type Outcome = {
  how: "whole" | "broken" | "refused";
  status: number | undefined;
  bytes: Uint8Array[];
  messages: { text: boolean; bytes: Uint8Array }[];
};

type Entry = { end: ModelEnd; onFrame(frame: Frame): void };

export class ModelHub {
  readonly #turns: Turns;
  readonly #toAgent: (bytes: Uint8Array) => void;
  readonly #streams = new Map<number, Entry>();
  #isLost = false;

  constructor(turns: Turns, toAgent: (bytes: Uint8Array) => void) {
    this.#turns = turns;
    this.#toAgent = toAgent;
  }

  receive(frame: Frame): void {
    const entry = this.#streams.get(frame.stream);
    if (!entry) throw new Error(`a ${frame.type} frame on stream ${frame.stream}, which was never opened`);
    if (!entry.end.isOver) entry.onFrame(frame);
  }

  failAll(): void {
    this.#isLost = true;
    for (const { end } of this.#streams.values()) end.isOver = true;
  }

  async use(stream: number, head: OpenHead, plan: StreamPlan, index: number): Promise<Outcome> {
    const outcome: Outcome = { how: "broken", status: undefined, bytes: [], messages: [] };
    if (this.#isLost) return outcome;
    const end = new ModelEnd(this.#turns, (said) => this.#toAgent(encodeFrame({ ...said, stream })));
    this.#streams.set(stream, { end, onFrame: (frame) => onFrame(frame, end, outcome) });
    this.#turns.keep(`credits of ${index}`, () => end.grantNowAndThen());
    end.say({ type: "open", head });
    if (plan.kind === "http") await this.#exchange(end, plan, index);
    else await this.#converse(end, plan, index, outcome);
    return outcome;
  }

  async #exchange(end: ModelEnd, plan: StreamPlan, index: number): Promise<void> {
    if (plan.up.length > 0) this.#turns.keep(`upload ${index}`, () => upload(this.#turns, end, plan, index));
    if (plan.ending === "client leaves") {
      await this.#turns.some(1 + 20 * plan.endsAfter);
      end.say({ type: "reset", code: "cancelled", message: "the client left" });
      end.isOver = true;
    }
    await this.#turns.until(() => end.isOver);
  }

  async #converse(end: ModelEnd, plan: StreamPlan, index: number, outcome: Outcome): Promise<void> {
    const turns = this.#turns;
    await turns.until(() => end.isOver || outcome.status !== undefined);
    const leave = (code: number): void => {
      end.say({ type: "close", code, reason: "" });
      end.isOver = true;
    };
    for (const [at, size] of plan.up.entries()) {
      if (end.isOver) return;
      if (plan.ending === "client leaves" && at >= plan.endsAfter) return leave(4_002);
      const { text, bytes } = message(index, "up", at, size);
      if (!(await end.send(bytes, (piece, more) => ({ type: "message", text, more, bytes: piece })))) return;
    }
    if (plan.ending === "client leaves" && !end.isOver) return leave(4_002);
    const hasAll = () => plan.ending === "whole" && outcome.messages.length === plan.down.length;
    await turns.until(() => end.isOver || hasAll());
    if (end.isOver) return;
    outcome.how = "whole";
    leave(4_000);
  }
}

async function upload(turns: Turns, end: ModelEnd, plan: StreamPlan, index: number): Promise<void> {
  let at = 0;
  for (const size of plan.up) {
    await turns.some(3);
    const bytes = content(index, "up", at, size);
    if (!(await end.send(bytes, (piece) => ({ type: "data", bytes: piece })))) return;
    at += size;
  }
  end.say({ type: "end" });
}

/** Takes a frame of the agent, in the order that ST2 and WS1 allow. */
function onFrame(frame: Frame, end: ModelEnd, outcome: Outcome): void {
  end.take(frame);
  switch (frame.type) {
    case "head":
      if (outcome.status !== undefined) throw new Error("[ST2] a second head");
      outcome.status = frame.head.status;
      return;
    case "reply":
      if (outcome.status !== undefined) throw new Error("[ST2] a second head");
      outcome.status = frame.head.status;
      outcome.bytes.push(frame.body);
      outcome.how = frame.head.status === 403 ? "refused" : "whole";
      end.isOver = true;
      return;
    case "data":
      if (outcome.status === undefined) throw new Error("[ST2] data before the head");
      return void outcome.bytes.push(frame.bytes);
    case "message":
      return onPart(frame, outcome);
    case "end":
      outcome.how = "whole";
      end.isOver = true;
      return;
    case "close":
    case "reset":
      end.isOver = true;
      return;
    case "credit":
      return;
    case "open":
      throw new Error("[FR3] the agent opened a stream");
  }
}

const parts = new WeakMap<Outcome, Uint8Array[]>();

function onPart(frame: Extract<Frame, { type: "message" }>, outcome: Outcome): void {
  const known = [...(parts.get(outcome) ?? []), frame.bytes];
  parts.set(outcome, frame.more ? known : []);
  if (!frame.more) outcome.messages.push({ text: frame.text, bytes: Buffer.concat(known) });
}
