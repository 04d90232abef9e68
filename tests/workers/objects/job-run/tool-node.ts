/** A node's side of tool calls (SPEC TC1–TC9): remembers each id, executes it once, and answers as a test tells it. */
import { decodeFrame } from "@roundhouse/protocol/frames";
import type { ToolCallAnswer, ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { connect, type FakeAgent } from "../fake-agent.ts";
import type { TestNode } from "../harness.ts";

export type Made = { id: string; request: ToolCallRequest };
/** What a call leads to. `times`: how often this id has been put, 1 the first time. */
export type Behaviour = (made: Made, times: number) => ToolCallAnswer | "no answer" | Promise<ToolCallAnswer>;

/** Long tests outlive the patience of a hub that hears nothing. */
const HEARTBEAT_MS = 2_000;

export class ToolNode {
  readonly agent: FakeAgent;
  /** Calls in the order in which they were executed, each id once. */
  readonly executed: Made[] = [];
  readonly puts: string[] = [];
  readonly stopped: string[] = [];
  behaviour: Behaviour;
  readonly #known = new Map<string, number>();
  readonly #bodies = new Map<number, { id: string; text: string }>();

  private constructor(agent: FakeAgent, behaviour: Behaviour) {
    this.agent = agent;
    this.behaviour = behaviour;
    const beat = setInterval(() => agent.send("ping"), HEARTBEAT_MS);
    void agent.closed.then(() => clearInterval(beat));
    agent.socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") void this.#onFrame(new Uint8Array(data as ArrayBuffer));
    });
  }

  static async connect(node: TestNode, behaviour: Behaviour = () => done("ok")): Promise<ToolNode> {
    return new ToolNode(await connect(node.key), behaviour);
  }

  async #onFrame(bytes: Uint8Array): Promise<void> {
    const frame = decodeFrame(bytes);
    if (frame.type === "open") {
      const id = /^\/tools\/calls\/([^/?]+)(?:\?.*)?$/.exec(frame.head.path)?.[1];
      if (id === undefined) return this.agent.reply(frame.stream, 404);
      if (frame.head.method === "DELETE") {
        this.stopped.push(id);
        return this.agent.reply(frame.stream, 204);
      }
      this.#bodies.set(frame.stream, { id, text: "" });
    }
    if (frame.type === "data") {
      const body = this.#bodies.get(frame.stream);
      if (body) body.text += new TextDecoder().decode(frame.bytes);
    }
    if (frame.type === "end") await this.#onCall(frame.stream);
  }

  async #onCall(stream: number): Promise<void> {
    const body = this.#bodies.get(stream);
    if (!body) return;
    this.#bodies.delete(stream);
    const made = { id: body.id, request: JSON.parse(body.text) as ToolCallRequest };
    const times = (this.#known.get(made.id) ?? 0) + 1;
    this.#known.set(made.id, times);
    this.puts.push(made.id);
    const answer = await this.behaviour(made, times);
    const isExecuted = answer === "no answer" || answer.state === "done";
    if (isExecuted && !this.executed.some(({ id }) => id === made.id)) this.executed.push(made);
    if (answer === "no answer") return;
    this.agent.reply(stream, 200, [["content-type", "application/json"]], JSON.stringify(answer));
  }
}

export function done(content: string, parts: { ok?: boolean; exitCode?: number | null } = {}): ToolCallAnswer {
  const { ok = true, exitCode = null } = parts;
  return { state: "done", result: { ok, content, more: null, exitCode, durationMs: 1 } };
}
