/** A session of a client over a channel of its own, or the one that all clients without a session share (SPEC MC4, MC9). */
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import { type Channel, type Message, McpProblem } from "./channel.ts";
import { Conversation } from "./conversation.ts";
import { type Page, Pages, wholeList } from "./definitions.ts";
import { inTime, type Listed, metaOf, type NoList, sieve } from "./gate.ts";
import { answerTo, CODE, failure, type Id, isShallow, objectIn, requestId } from "./json-rpc.ts";
import { Outlet } from "./outlet.ts";
import { Questions } from "./questions.ts";
import { eventReply, jsonReply, type Reply } from "./reply.ts";
import { Screen, type ScreenDeps } from "./screen.ts";

/** Messages that wait for a stream to be opened, such as what a server asks right after it was initialized. */
const MAX_WAITING = 64;
const MAX_WAITING_CHARS = 1024 * 1024;
const CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities";

export type Asked = {
  requests: readonly Message[];
  /** Notifications, and responses to the server's requests. */
  told: readonly Message[];
  refused: readonly Message[];
  isBatch: boolean;
  takesEvents: boolean;
  signal: AbortSignal;
};

export class Session {
  readonly #deps: ScreenDeps;
  readonly #conversation: Conversation;
  readonly #pages = new Pages();
  readonly #replies = new Set<Reply>();
  #standing: Outlet | undefined;
  #waiting: string[] = [];
  #tail: Promise<void> = Promise.resolve();
  #id: string | undefined;
  readonly #questions = new Questions();
  #isFresh = true;
  #held = 0;
  #usedAt = performance.now();

  /** Without an id it is the shared one. */
  constructor(channel: Channel, deps: ScreenDeps, id?: string) {
    this.#id = id;
    this.#deps = deps;
    const onOther = (message: Message) => this.#queue(() => this.#other(message));
    this.#conversation = new Conversation(channel, onOther, deps.note);
    void this.over.then(() => this.#queue(() => this.#standing?.close()));
  }

  get over(): Promise<string> {
    return this.#conversation.over;
  }

  get isOver(): boolean {
    return this.#conversation.isOver;
  }

  /** Requests whose client waits. */
  get underWay(): number {
    return this.#replies.size;
  }

  get usedAt(): number {
    return this.#usedAt;
  }

  /** Nothing was asked so far but which revision it speaks, which it did not tell: it may still be initialized. */
  get isFresh(): boolean {
    return this.#isFresh && this.underWay + this.#held === 0 && this.#conversation.isIdle && !this.isOver;
  }

  /** While these messages are judged, it is no other's. */
  hold(messages: readonly Message[]): () => void {
    if (messages.some((message) => message["method"] !== "server/discover")) this.#isFresh = false;
    this.#held += 1;
    return () => {
      this.#held -= 1;
    };
  }

  /** Whether it is a response to what a server asks of anybody who looks. */
  mayAnswer(response: Message): boolean {
    return this.#questions.areHarmless(response);
  }

  get id(): string | undefined {
    return this.#id;
  }

  /** Makes the shared one that of one client. */
  become(id: string): void {
    this.#id = id;
  }

  close(): Promise<void> {
    return this.#conversation.close();
  }

  /** The session's own stream; undefined: it has one already. */
  stream(signal: AbortSignal): Response | undefined {
    if (this.#standing) return undefined;
    this.#usedAt = performance.now();
    const outlet = new Outlet(signal, () => {
      if (this.#standing === outlet) this.#standing = undefined;
    });
    if (outlet.isOpen) this.#standing = outlet;
    this.#flush();
    return outlet.response(this.#headers());
  }

  tell(messages: readonly Message[]): void {
    this.#usedAt = performance.now();
    for (const message of messages) this.#conversation.tell(message);
  }

  /** Of the requests, and of what was refused of them. */
  ask(
    { requests, told, refused, isBatch, takesEvents, signal }: Asked,
    onEnd?: (response: Message) => void,
  ): Promise<Response> {
    if (signal.aborted) return Promise.resolve(new Response(null, { status: 499 }));
    const awaited = requests.length + refused.length;
    const onClosed = () => {
      this.#replies.delete(reply);
      this.#usedAt = performance.now();
    };
    const options = { signal, headers: this.#headers(), awaited, isBatch, onClosed };
    const reply: Reply = takesEvents ? eventReply(options) : jsonReply(options);
    this.#replies.add(reply);
    this.tell(told);
    for (const message of refused) reply.respond(message);
    for (const request of requests) this.#request(request, reply, signal, onEnd);
    this.#flush();
    return reply.response;
  }

  /** All that the server lists, asked as whoever makes this call. Nothing of it reaches a client. */
  async list(call: Message, signal: AbortSignal): Promise<Listed> {
    try {
      const listed = await inTime(signal, (inTime) => wholeList((cursor) => this.#page(call, cursor, inTime)));
      if ("tools" in listed) this.#deps.onList(listed.tools);
      return listed;
    } catch (error) {
      if (!(error instanceof McpProblem)) throw error;
      return { other: { status: 200, error: { code: CODE.internal, message: error.message } } };
    }
  }

  async #page(call: Message, cursor: string | undefined, signal: AbortSignal): Promise<Page<NoList>> {
    const params = { ...metaOf(call), ...(cursor !== undefined && { cursor }) };
    const response = await askOver(this.#conversation, "tools/list", params, signal);
    const result = objectIn(response, "result");
    return result ? { result } : { other: { status: 200, error: objectIn(response, "error") ?? {} } };
  }

  #request(request: Message, reply: Reply, signal: AbortSignal, onEnd: ((message: Message) => void) | undefined): void {
    const screen = new Screen(this.#deps, [request], { pages: this.#pages });
    const onMessage = (message: Message) => this.#queue(() => this.#give(reply, message));
    const onResponse = (message: Message) =>
      this.#queue(async () => {
        if (request["method"] !== "server/discover" || "result" in message) this.#isFresh = false;
        reply.respond(sendable(await screen.pass(message), requestId(request) ?? ""));
        onEnd?.(message);
      });
    const cancel = this.#conversation.request(request, { onMessage, onResponse });
    // Of a stateless request the end of its stream is the cancellation (2026-07-28); others go on without their client.
    const onGone = () => {
      this.#isFresh = false;
      cancel("its client is gone");
    };
    if (isStateless(request)) signal.addEventListener("abort", onGone, { once: true });
  }

  /** One after the other, as they came: some take longer to look into. Where one cannot be handled, the session ends. */
  #queue(deliver: () => void | Promise<void>): void {
    this.#tail = this.#tail.then(deliver).catch(() => this.close());
  }

  /** What comes for a request whose client is gone is nobody's. */
  async #give(reply: Reply, message: Message): Promise<void> {
    if (reply.takesMessages() && isSendable(message)) reply.message(await this.#screened(message));
  }

  /** To the standing stream, or with the answer to the latest request. Of clients that share, none gets it: whose it is is unknown. */
  async #other(given: Message): Promise<void> {
    if (!isSendable(given)) return;
    if (this.#id === undefined) return this.#answer(given);
    const message = await this.#screened(given);
    const text = JSON.stringify(message);
    if (this.#standing) return this.#standing.send(text);
    const replies = [...this.#replies].filter((reply) => reply.takesMessages());
    const reply = replies.at(-1);
    if (reply) return reply.message(message);
    this.#waiting = lastOf([...this.#waiting, text]);
  }

  async #screened(message: Message): Promise<Message> {
    this.#questions.add(message);
    return (await sieve(message, this.#deps.pins())) as Message;
  }

  #answer(message: Message): void {
    const answer = answerTo(message);
    if (answer) return this.#conversation.tell(answer);
    this.#deps.note("what it said without a session was told to nobody: it belongs to no request");
  }

  #flush(): void {
    this.#queue(async () => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const text of waiting) await this.#other(JSON.parse(text) as Message);
    });
  }

  #headers(): Record<string, string> {
    return this.#id === undefined ? {} : { "mcp-session-id": this.#id };
  }
}

/** Rejects when it is aborted, which it tells the server, and with `McpProblem` when the channel is over. */
export function askOver(
  conversation: Conversation,
  method: string,
  params: Message,
  signal: AbortSignal,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = { jsonrpc: "2.0", id: 0, method, params };
    const onOver = (why: string) => reject(new McpProblem(why));
    const onAbort = () => {
      reject(signal.reason as Error);
      cancel("nobody waits for it any more");
    };
    const onResponse = (message: Message) => {
      signal.removeEventListener("abort", onAbort);
      resolve(message);
    };
    const cancel = conversation.request(request, { onMessage: () => undefined, onResponse, onOver });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function isStateless(request: Message): boolean {
  return objectIn(objectIn(request, "params") ?? {}, "_meta")?.[CAPABILITIES_KEY] !== undefined;
}

/** Whether it can be written, and is no larger than a message may be. */
function isSendable(message: Message): boolean {
  return isShallow(message) && Buffer.byteLength(JSON.stringify(message)) <= MAX_MCP_MESSAGE_BYTES;
}

function sendable(message: Message, id: Id): Message {
  if (isSendable(message)) return message;
  return failure(
    id,
    CODE.internal,
    `the server's answer is nested too deeply, or larger than ${MAX_MCP_MESSAGE_BYTES} bytes`,
  );
}

function lastOf(texts: readonly string[]): string[] {
  let chars = 0;
  const isKept = (text: string, at: number) => {
    chars += text.length;
    return at < MAX_WAITING && chars <= MAX_WAITING_CHARS;
  };
  return texts.toReversed().filter(isKept).toReversed();
}
