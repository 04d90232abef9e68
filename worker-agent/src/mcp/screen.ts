/** What a server says, on its way to clients: lists are noted, and only what is pinned of them passes (SPEC MC5, MC6). */
import { parseJson } from "@roundhouse/protocol/json";
import type { McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import type { Message } from "./channel.ts";
import { definitionsOf, Pages, type Pins } from "./definitions.ts";
import { sieve } from "./gate.ts";
import { hasDoubleKeys, type Id, isId, isObject, isResponse, objectIn, requestId } from "./json-rpc.ts";

export type ScreenDeps = { pins: () => Pins; onTools: (definitions: readonly McpToolDefinition[]) => void };

/** Of the messages that answer some requests, and what comes with them. */
export class Screen {
  readonly #deps: ScreenDeps;
  readonly #pages: Pages;
  readonly #awaited = new Map<Id, Message>();

  constructor(deps: ScreenDeps, requests: readonly Message[] = [], pages = new Pages()) {
    this.#deps = deps;
    this.#pages = pages;
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
    if (!isObject(message) || !isResponse(message) || !isId(message["id"])) return;
    const request = this.#awaited.get(message["id"]);
    this.#awaited.delete(message["id"]);
    const result = objectIn(message, "result");
    if (request?.["method"] !== "tools/list" || !result) return;
    const cursor = objectIn(request, "params")?.["cursor"];
    if (cursor !== undefined && typeof cursor !== "string") return;
    const whole = this.#pages.add(cursor, result);
    if (whole) this.#deps.onTools(definitionsOf(whole));
  }
}
