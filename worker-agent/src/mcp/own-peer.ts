/** A session of our own with a server, over a channel or Streamable HTTP, without anything of a client's. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, type Message, McpProblem } from "./channel.ts";
import { Conversation } from "./conversation.ts";
import { bodyHeaders, paramHeaders } from "./headers.ts";
import { ask, type HttpAnswer, type HttpTarget, send } from "./http-server.ts";
import { answerTo, CODE, failure, objectIn } from "./json-rpc.ts";
import { askOver } from "./session.ts";

export type Peer = {
  /** The response. Rejects where none came. `schema` is that of the tool that is called. */
  ask: (method: string, params: Message, signal: AbortSignal, schema?: unknown) => Promise<Message>;
  tell: (method: string) => Promise<void>;
  /** The revision that was agreed on; stateless ones say in headers what their messages say. */
  agree: (version: string, isStateless: boolean) => void;
  isOver: () => boolean;
  close: () => Promise<void>;
};

const END_TIMEOUT_MS = 5000;

export async function channelPeer(open: () => Promise<Channel>): Promise<Peer> {
  const channel = await open();
  const conversation = new Conversation(channel, (message) => {
    const answer = answerTo(message);
    if (answer) channel.send(answer);
  });
  return {
    ask: (method, params, signal) => askOver(conversation, method, params, signal),
    tell: async (method) => conversation.tell({ jsonrpc: "2.0", method }),
    agree: () => undefined,
    isOver: () => conversation.isOver,
    close: () => conversation.close(),
  };
}

export class HttpPeer implements Peer {
  readonly #target: HttpTarget;
  readonly #ended = new AbortController();
  #session: string | undefined;
  #version: string | undefined;
  #isStateless = false;
  #isOver = false;

  constructor(target: HttpTarget) {
    this.#target = target;
  }

  agree(version: string, isStateless: boolean): void {
    this.#version = version;
    this.#isStateless = isStateless;
  }

  isOver(): boolean {
    return this.#isOver;
  }

  async ask(method: string, params: Message, asker: AbortSignal, schema?: unknown): Promise<Message> {
    const id = randomUUID();
    const signal = AbortSignal.any([asker, this.#ended.signal]);
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const own = this.#isStateless
      ? { ...bodyHeaders(method, params), ...paramHeaders(schema, params["arguments"]) }
      : {};
    const onOther = (message: Message) => void this.#answer(message);
    const onAbort = () => void this.#post({ method: "notifications/cancelled", params: { requestId: id } });
    if (!this.#isStateless && method !== "initialize") signal.addEventListener("abort", onAbort, { once: true });
    try {
      let answer = await ask(
        this.#target,
        id,
        { method: "POST", headers: { ...this.#headers(), ...own }, body, signal },
        onOther,
      );
      if (method === "initialize") this.#session = answer.headers.get("mcp-session-id") ?? undefined;
      // It may have taken the message from here on: what then comes without a response says nothing of it.
      const isAccepted = !answer.response && answer.cursor !== undefined;
      while (!answer.response && answer.cursor) {
        await sleep(answer.cursor.retryMs, undefined, { signal });
        const headers = { ...this.#headers(), accept: "text/event-stream", "last-event-id": answer.cursor.id };
        answer = await ask(this.#target, id, { method: "GET", headers, signal }, onOther);
      }
      return this.#responseIn(answer, id, isAccepted);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async tell(method: string): Promise<void> {
    await this.#post({ method });
  }

  async close(): Promise<void> {
    this.#isOver = true;
    const headers = this.#headers();
    if (this.#session !== undefined) await this.#send("DELETE", headers, undefined);
    this.#ended.abort(new McpProblem("the server was ended"));
  }

  #responseIn({ status, response }: HttpAnswer, id: string, isAccepted: boolean): Message {
    // The server forgot the session.
    if (status === 404 && this.#session !== undefined) this.#isOver = true;
    const isOwn = response?.["id"] === id;
    if (response && (isOwn || (status < 500 && !isAccepted))) return response;
    if (status >= 400 && status < 500 && !isAccepted)
      return failure(null, CODE.transport, `the server answered ${status}`);
    throw new McpProblem(`the server answered ${status} without a response to the message`);
  }

  async #answer(message: Message): Promise<void> {
    const answer = answerTo(message);
    if (answer) await this.#post(answer);
  }

  async #post(message: Message): Promise<void> {
    await this.#send("POST", this.#headers(), JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  /** Whether it arrives or not, nothing hangs on it. */
  async #send(method: "POST" | "DELETE", headers: Record<string, string>, body: string | undefined): Promise<void> {
    const signal = AbortSignal.timeout(END_TIMEOUT_MS);
    try {
      const answer = await send(this.#target, { method, headers, signal, ...(body !== undefined && { body }) });
      await answer.body?.cancel();
    } catch (error) {
      if (!(error instanceof McpProblem)) throw error;
    }
  }

  #headers(): Record<string, string> {
    return {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...(this.#session !== undefined && { "mcp-session-id": this.#session }),
      ...(this.#version !== undefined && { "mcp-protocol-version": this.#version }),
    };
  }
}

/** What a response says went wrong. */
export function errorIn(response: Message): { code: unknown; message: string } | undefined {
  const error = objectIn(response, "error");
  return error && { code: error["code"], message: String(error["message"]) };
}
