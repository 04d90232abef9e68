/** The one way to an MCP server: what clients, runs and the control plane ask of it passes here (SPEC MC4–MC7, MC9, MC10). */
import { MCP_HEADER, type McpCallOutcome, type McpListing } from "@roundhouse/protocol/mcp";
import type { McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import { Bridge } from "./bridge.ts";
import { type Channel, McpProblem } from "./channel.ts";
import { readTools } from "./definitions.ts";
import { readIncoming, transportError } from "./incoming.ts";
import { CODE } from "./json-rpc.ts";
import { Own } from "./own.ts";
import { Relay } from "./relay.ts";
import type { ScreenDeps } from "./screen.ts";

/** `channel`: each session opens its own. `http`: a server of Streamable HTTP; `headers` are added to each request. */
export type Target =
  | { kind: "channel"; open: () => Promise<Channel> }
  | { kind: "http"; url: URL; headers: () => Promise<Readonly<Record<string, string>>> };

export type GatewayDeps = {
  id: string;
  target: Target;
  /** Hashes of the definitions that may be used, by tool, as they are now. */
  pins: () => Readonly<Record<string, string>>;
  /** Why a policy denies this tool with these arguments; null: none does. */
  denial: (tool: string, args: Readonly<Record<string, unknown>>) => string | null;
  /** A whole list of tools was seen, whoever asked for it. */
  onTools: (definitions: readonly McpToolDefinition[]) => void;
  /** What is not right about what it sends, for its log. */
  note?: (text: string) => void;
};

export type Gateway = {
  /** One HTTP request of Streamable HTTP. Throws `McpProblem` where the server cannot be started or reached. */
  fetch: (request: Request) => Promise<Response>;
  /** Throws `McpProblem`. */
  list: (signal: AbortSignal) => Promise<McpListing>;
  /** Throws `McpProblem` before the call was sent; afterwards whatever broke. `beforeSending` is awaited between the two. */
  call: (
    call: { tool: string; arguments: Readonly<Record<string, unknown>>; pin: string },
    options: { signal: AbortSignal; beforeSending?: () => Promise<void> },
  ) => Promise<McpCallOutcome>;
  /** Sessions, and requests under way of those that have none. */
  sessions: () => number;
  /** Whether a request or a stream is under way at this moment. */
  isBusy: () => boolean;
  close: () => Promise<void>;
};

/** Of different notes, so that no server fills its log with them. */
const MAX_NOTES = 200;
const MAX_NOTE = 500;

function inner(deps: GatewayDeps): GatewayDeps & ScreenDeps {
  const noted = new Set<string>();
  const note = (words: string) => {
    const text = words.slice(0, MAX_NOTE);
    if (noted.has(text) || noted.size >= MAX_NOTES) return;
    noted.add(text);
    deps.note?.(text);
  };
  const onList = (tools: readonly unknown[]) => {
    const { definitions, faults } = readTools(tools);
    for (const fault of faults) note(fault);
    deps.onTools(definitions);
  };
  return { ...deps, note, onList };
}

export function createGateway(outer: GatewayDeps): Gateway {
  const deps = inner(outer);
  const { id, target } = deps;
  const own = new Own(deps);
  const bridge = target.kind === "channel" ? new Bridge({ ...deps, open: target.open }) : undefined;
  const answer = target.kind === "http" ? relayed(new Relay({ ...deps, target })) : bridged(bridge as Bridge);
  const underWay = new Set<symbol>();
  let isClosed = false;
  const during = async <Value>(use: (done: () => void) => Promise<Value>): Promise<Value> => {
    if (isClosed) throw new McpProblem("the server was ended");
    const one = Symbol("a request");
    const done = () => void underWay.delete(one);
    underWay.add(one);
    try {
      return await use(done);
    } catch (error) {
      done();
      throw error;
    }
  };
  const whole = <Value>(ask: () => Promise<Value>) => during(async (done) => ask().finally(done));
  return {
    fetch: (request) =>
      during(async (done) => {
        request.signal.addEventListener("abort", done, { once: true });
        const response = await answer(request);
        response.headers.set(MCP_HEADER, id);
        return withEnd(response, done);
      }),
    list: (signal) => whole(() => own.list(signal)),
    call: (call, options) => whole(() => own.call(call, options)),
    sessions: () => bridge?.count() ?? underWay.size,
    isBusy: () => underWay.size > 0,
    close: async () => {
      isClosed = true;
      await Promise.all([own.close(), bridge?.close()]);
    },
  };
}

type Answer = (request: Request) => Promise<Response>;
type Post = Relay["post"];

function relayed(relay: Relay): Answer {
  return async (request) => {
    if (request.method === "POST") return posted(request, (...args) => relay.post(...args));
    return request.method === "GET" || request.method === "DELETE" ? relay.pass(request) : notAllowed();
  };
}

function bridged(bridge: Bridge): Answer {
  return async (request) => {
    if (request.method === "POST") return posted(request, (...args) => bridge.post(...args));
    if (request.method === "GET") return bridge.stream(request);
    return request.method === "DELETE" ? bridge.end(request) : notAllowed();
  };
}

async function posted(request: Request, post: Post): Promise<Response> {
  const incoming = await readIncoming(request);
  if (incoming instanceof Response) return incoming;
  return post(request, incoming);
}

function notAllowed(): Response {
  return transportError(405, CODE.transport, "Method not allowed.", { allow: "GET, POST, DELETE" });
}

function withEnd(response: Response, onEnd: () => void): Response {
  if (!response.body) {
    onEnd();
    return response;
  }
  const reader = response.body.getReader();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      controller.close();
    } catch (error) {
      controller.error(error);
    }
    onEnd();
  };
  const cancel = (reason: unknown) => {
    onEnd();
    return reader.cancel(reason);
  };
  return new Response(new ReadableStream({ pull, cancel }, { highWaterMark: 0 }), response);
}
