/** Requests of several askers over one channel: each gets the answers to its own, whatever ids it chose. */
import type { Channel, Message } from "./channel.ts";
import { CODE, failure, faultOf, type Id, isId, isResponse, objectIn, requestId } from "./json-rpc.ts";

export type Asker = {
  /** What comes for this request before its response: progress, and what a subscription brings. */
  onMessage: (message: Message) => void;
  onResponse: (message: Message) => void;
  /** The channel is over, with why. Without this it is told as an error that responds. */
  onOver?: (why: string) => void;
};

export type Cancel = (reason: string) => void;

type Pending = Asker & { id: Id; progressToken: unknown };

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

export class Conversation {
  readonly #channel: Channel;
  readonly #pending = new Map<number, Pending>();
  readonly #onOther: (message: Message) => void;
  readonly #note: (text: string) => void;
  #lastId = 0;
  #why: string | undefined;

  /** `onOther` gets requests of the server, and notifications that belong to no request; `note`, what is no message. */
  constructor(channel: Channel, onOther: (message: Message) => void, note: (text: string) => void = () => undefined) {
    this.#channel = channel;
    this.#note = note;
    this.#onOther = onOther;
    channel.listen((message) => this.#take(message));
    void channel.over.then((why) => this.#end(why));
  }

  /** No request is without its response. */
  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  get isOver(): boolean {
    return this.#why !== undefined;
  }

  /** Once it is over, after the last response. */
  get over(): Promise<string> {
    return this.#channel.over;
  }

  request(message: Message, asker: Asker): Cancel {
    const id = requestId(message);
    if (id === undefined) throw new Error("a request has an id");
    const progressToken = progressTokenOf(message);
    const pending = { ...asker, id, progressToken };
    if (this.#why !== undefined) {
      tellOver(pending, this.#why);
      return () => undefined;
    }
    this.#lastId += 1;
    const wireId = this.#lastId;
    this.#pending.set(wireId, pending);
    this.#channel.send({ ...(progressToken === undefined ? message : withProgressToken(message, wireId)), id: wireId });
    return (reason) => this.#cancel(wireId, { reason });
  }

  /** A notification, or the response to a request of the server. */
  tell(message: Message): void {
    if (message["method"] !== "notifications/cancelled") return this.#channel.send(message);
    const params = objectIn(message, "params") ?? {};
    const meant = [...this.#pending].filter(([, { id }]) => id === params["requestId"]);
    // Of requests of several clients with one id none can be meant.
    if (meant.length === 1 && meant[0]) this.#cancel(meant[0][0], params);
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  /** Servers do not respond to what was cancelled. */
  #cancel(wireId: number, params: Message): void {
    const pending = this.#pending.get(wireId);
    if (!pending) return;
    this.#pending.delete(wireId);
    this.#channel.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { ...params, requestId: wireId } });
    pending.onResponse(failure(pending.id, CODE.internal, "the request was cancelled"));
  }

  #take(message: Message): void {
    const fault = faultOf(message) ?? ("id" in message && !isId(message["id"]) ? 'its "id" is no id' : undefined);
    if (fault !== undefined) return this.#drop(message, fault);
    if (isResponse(message)) return this.#respond(message);
    const params = objectIn(message, "params");
    if (!params) return this.#onOther(message);
    if (message["method"] === "notifications/progress") return this.#progress(message, params);
    const meta = objectIn(params, "_meta");
    const subscription = this.#pending.get(Number(meta?.[SUBSCRIPTION] ?? Number.NaN));
    if (!subscription) return this.#onOther(message);
    subscription.onMessage({ ...message, params: { ...params, _meta: { ...meta, [SUBSCRIPTION]: subscription.id } } });
  }

  /** What clients might read in it is unknown. Where it was to be a response, that is the end of its request. */
  #drop({ id, method }: Message, fault: string): void {
    this.#note(`a message of it was dropped: ${fault}`);
    const pending = typeof id === "number" && typeof method !== "string" ? this.#pending.get(id) : undefined;
    if (!pending) return;
    this.#pending.delete(Number(id));
    tellOver(pending, `the server's answer is no message of MCP: ${fault}`);
  }

  #respond(message: Message): void {
    const { id } = message;
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (!pending) return;
    this.#pending.delete(Number(id));
    pending.onResponse({ ...message, id: pending.id });
  }

  /** Progress of what has ended, or was never begun, is nobody's. */
  #progress(message: Message, params: Message): void {
    const pending = this.#pending.get(Number(params["progressToken"]));
    if (pending?.progressToken === undefined) return;
    pending.onMessage({ ...message, params: { ...params, progressToken: pending.progressToken } });
  }

  #end(why: string): void {
    this.#why = why;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const one of pending) tellOver(one, why);
  }
}

function tellOver({ id, onResponse, onOver }: Pending, why: string): void {
  if (onOver) onOver(why);
  else onResponse(failure(id, CODE.internal, why));
}

function progressTokenOf(message: Message): Id | undefined {
  const token = objectIn(objectIn(message, "params") ?? {}, "_meta")?.["progressToken"];
  return isId(token) ? token : undefined;
}

function withProgressToken(message: Message, progressToken: number): Message {
  const params = objectIn(message, "params") ?? {};
  return { ...message, params: { ...params, _meta: { ...objectIn(params, "_meta"), progressToken } } };
}
