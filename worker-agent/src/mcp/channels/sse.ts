/** A channel to a server that speaks the HTTP+SSE of 2024-11-05: what it says comes as events, what it is told is posted. */
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import { type Channel, McpProblem, type Message } from "../channel.ts";
import { EventSplitter, readEvent, type ServerEvent, TooLargeError } from "../sse.ts";
import { messageOf } from "./lines.ts";

export type SseSpec = {
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** What is not right about what it sends, without its words: those may be secret. */
  note: (text: string) => void;
};

/** For the answer, and then for the event that says where messages go. */
const ENDPOINT_LIMIT_MS = 15_000;
/** A message that nobody takes is no message. */
const POST_LIMIT_MS = 30_000;
const MIB = 1024 ** 2;

/** Throws `McpProblem` where nobody answers, or not as this protocol has it. */
export async function openSse(spec: SseSpec): Promise<Channel> {
  const channel = new SseChannel(spec);
  try {
    await channel.opened;
    return channel;
  } catch (error) {
    await channel.close();
    throw error;
  }
}

class SseChannel implements Channel {
  readonly over: Promise<string>;
  /** Rejects with `McpProblem`. */
  readonly opened: Promise<void>;
  readonly #spec: SseSpec;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #request: ClientRequest;
  readonly #posts = new Set<ClientRequest>();
  readonly #events = new EventSplitter(MAX_MCP_MESSAGE_BYTES);
  #endpoint: URL | undefined;
  #early: Message[] = [];
  #take: ((message: Message) => void) | undefined;
  #end: (why: string) => void = () => undefined;
  #onOpen: () => void = () => undefined;
  /** Messages go out in their order. */
  #turn: Promise<void> = Promise.resolve();

  constructor(spec: SseSpec) {
    this.#spec = spec;
    this.over = new Promise((resolve) => (this.#end = resolve));
    const headers = { ...spec.headers, accept: "text/event-stream", "cache-control": "no-store" };
    this.#request = httpRequest(spec.url, { headers, agent: false });
    this.#request.once("response", (response) => this.#onResponse(response));
    this.#request.once("error", (error) => this.#fail(`${wordPlace(spec.url)} does not answer: ${error.message}.`));
    this.opened = this.#open();
    this.#request.end();
  }

  send(message: Message): void {
    this.#turn = this.#turn.then(() => this.#post(JSON.stringify(message)));
  }

  listen(take: (message: Message) => void): void {
    this.#take = take;
    for (const message of this.#early.splice(0)) take(message);
  }

  async close(): Promise<void> {
    this.#fail("It was ended.");
  }

  async #open(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      const words = `${wordPlace(this.#spec.url)} did not say within ${ENDPOINT_LIMIT_MS / 1000} s where messages go.`;
      timer = setTimeout(() => resolve(words), ENDPOINT_LIMIT_MS);
    });
    const open = new Promise<undefined>((resolve) => (this.#onOpen = () => resolve(undefined)));
    const problem = await Promise.race([open, this.over, late]);
    clearTimeout(timer);
    if (problem === undefined) return;
    throw new McpProblem(problem, {
      hint: "See whether the server runs, on this port and path, and speaks HTTP+SSE; newer ones speak Streamable HTTP.",
    });
  }

  #fail(why: string): void {
    this.#end(why);
    this.#request.destroy();
    for (const post of this.#posts) post.destroy();
    this.#agent.destroy();
  }

  #onResponse(response: IncomingMessage): void {
    const { statusCode, headers } = response;
    response.on("error", () => undefined);
    if (statusCode !== 200) return this.#fail(`${wordPlace(this.#spec.url)} answered with status ${statusCode}.`);
    if (!/^text\/event-stream\b/i.test(headers["content-type"] ?? "")) {
      return this.#fail(`${wordPlace(this.#spec.url)} answered with no stream of events.`);
    }
    response.on("data", (bytes: Buffer) => this.#onBytes(bytes));
    response.once("close", () => this.#fail("It ended its stream of events."));
  }

  #onBytes(bytes: Uint8Array): void {
    try {
      for (const event of this.#events.push(bytes)) this.#onEvent(readEvent(event));
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      this.#fail(`It sent a message of more than ${MAX_MCP_MESSAGE_BYTES / MIB} MiB.`);
    }
  }

  #onEvent({ type, data }: ServerEvent): void {
    if (type === "endpoint") return this.#onEndpoint(data);
    if (data === "" || (type !== "" && type !== "message")) return;
    const message = messageOf(data);
    if (!message) return this.#spec.note("it sent an event that is no message of MCP");
    if (this.#take) this.#take(message);
    else this.#early.push(message);
  }

  #onEndpoint(data: string): void {
    if (this.#endpoint) return;
    const { href, origin } = this.#spec.url;
    const url = URL.canParse(data, href) ? new URL(data, href) : undefined;
    // Another origin would be told what is meant for this one.
    if (!url || url.origin !== origin) return this.#fail("It names another origin for its messages.");
    this.#endpoint = url;
    this.#onOpen();
  }

  /** Never rejects: what went wrong is the end. */
  #post(body: string): Promise<void> {
    const endpoint = this.#endpoint;
    if (!endpoint) return Promise.resolve();
    return new Promise((done) => {
      const headers = {
        ...this.#spec.headers,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      };
      const post = httpRequest(endpoint, { method: "POST", headers, agent: this.#agent, timeout: POST_LIMIT_MS });
      this.#posts.add(post);
      post.once("response", (response) => {
        const { statusCode = 0 } = response;
        response.on("error", () => undefined).resume();
        if (statusCode < 200 || statusCode > 299) this.#fail(`It answered a message with status ${statusCode}.`);
        done();
      });
      post.once("timeout", () => post.destroy(new Error(`no answer within ${POST_LIMIT_MS / 1000} s`)));
      post.once("error", (error) => this.#fail(`It did not take a message: ${error.message}.`));
      post.once("close", () => {
        this.#posts.delete(post);
        done();
      });
      post.end(body);
    });
  }
}

function wordPlace({ port, pathname }: URL): string {
  return `Port ${port} of the node, at ${pathname},`;
}
