/** What a server says, on its way to clients: lists are noted, and only what is pinned of them passes (SPEC MC5, MC6). */
import { parseJson } from "@roundhouse/protocol/json";
import type { Message } from "./channel.ts";
import type { Pages, Pins } from "./definitions.ts";
import { sieve } from "./gate.ts";
import type { Questions } from "./questions.ts";
import { hasDoubleKeys, type Id, isId, isObject, isResponse, objectIn, requestId } from "./json-rpc.ts";

export type ScreenDeps = {
  pins: () => Pins;
  /** A whole list of tools, whoever asked for it. */
  onList: (tools: readonly unknown[]) => void;
  /** For the server's log. */
  note: (text: string) => void;
};

/** Of the messages that answer some requests, and what comes with them. */
export class Screen {
  readonly #deps: ScreenDeps;
  readonly #seen: { pages: Pages; questions?: Questions };
  readonly #awaited = new Map<Id, Message>();

  constructor(deps: ScreenDeps, requests: readonly Message[], seen: { pages: Pages; questions?: Questions }) {
    this.#deps = deps;
    this.#seen = seen;
    for (const request of requests) this.expect(request);
  }

  expect(request: Message): void {
    const id = requestId(request);
    if (id !== undefined) this.#awaited.set(id, request);
  }

  /** Requests that were not answered so far. */
  unanswered(): Id[] {
    return [...this.#awaited.keys()];
  }

  /** The same message where nothing is left out of it. */
  async pass(message: Message): Promise<Message> {
    this.#note(message);
    return (await sieve(message, this.#deps.pins())) as Message;
  }

  /** JSON of a message, or of several. undefined: it is no JSON, and what a client would read in it is unknown. */
  async passText(text: string): Promise<string | undefined> {
    const value = parseJson(text);
    if (value === undefined) return undefined;
    for (const message of Array.isArray(value) ? (value as unknown[]) : [value]) this.#note(message);
    const sieved = await sieve(value, this.#deps.pins());
    return sieved === value && !hasDoubleKeys(text) ? text : JSON.stringify(sieved);
  }

  #note(message: unknown): void {
    if (!isObject(message)) return;
    this.#seen.questions?.add(message);
    if (!isResponse(message) || !isId(message["id"])) return;
    const request = this.#awaited.get(message["id"]);
    this.#awaited.delete(message["id"]);
    const result = objectIn(message, "result");
    if (request?.["method"] !== "tools/list" || !result) return;
    const cursor = objectIn(request, "params")?.["cursor"];
    if (cursor !== undefined && typeof cursor !== "string") return;
    const whole = this.#seen.pages.add(cursor, result);
    if (whole) this.#deps.onList(whole);
  }
}
