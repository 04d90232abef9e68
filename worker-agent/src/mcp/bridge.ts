/** Streamable HTTP for a server behind channels: sessions, each with a channel, and one for messages that have none (SPEC MC4). */
import { randomUUID } from "node:crypto";
import { MCP_ROLE_HEADER } from "@roundhouse/protocol/mcp";
import { type Channel, type Message, McpProblem } from "./channel.ts";
import { judge } from "./gate.ts";
import type { GatewayDeps } from "./gateway.ts";
import { type Incoming, refusal, transportError } from "./incoming.ts";
import { CODE, objectIn, requestId } from "./json-rpc.ts";
import type { ScreenDeps } from "./screen.ts";
import { Session } from "./session.ts";

type BridgeDeps = ScreenDeps & Pick<GatewayDeps, "denial"> & { open: () => Promise<Channel> };

/** `session` once it is open. */
type Shared = { opening: Promise<Session>; session?: Session };

export const MAX_SESSIONS = 16;
const RETRY_AFTER_S = "5";
/** Revisions with sessions; the stateless ones are named in each message, and judged by its server. */
const VERSIONS = new Set(["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]);
const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

export class Bridge {
  readonly #deps: BridgeDeps;
  readonly #sessions = new Map<string, Session>();
  #opening = 0;
  #isClosed = false;
  #shared: Shared | undefined;

  constructor(deps: BridgeDeps) {
    this.#deps = deps;
  }

  /** Of clients, and the requests of those that have none. */
  count(): number {
    return this.#sessions.size + this.#opening + (this.#shared?.session?.underWay ?? 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const shared = this.#shared?.session;
    await Promise.all([...this.#sessions.values(), ...(shared ? [shared] : [])].map((session) => session.close()));
  }

  stream(request: Request): Response {
    if (!accepts(request, "text/event-stream"))
      return transportError(406, CODE.transport, "Not Acceptable: Client must accept text/event-stream");
    const found = this.#named(request) ?? noSession();
    if (found instanceof Response) return found;
    const conflict = "Conflict: Only one SSE stream is allowed per session";
    return found.stream(request.signal) ?? transportError(409, CODE.transport, conflict);
  }

  async end(request: Request): Promise<Response> {
    const found = this.#named(request) ?? noSession();
    if (found instanceof Response) return found;
    this.#sessions.delete(found.id ?? "");
    await found.close();
    return new Response(null, { status: 200 });
  }

  async post(request: Request, { messages, isBatch }: Incoming): Promise<Response> {
    const takesEvents = accepts(request, "text/event-stream");
    if (!takesEvents && !accepts(request, "application/json"))
      return transportError(
        406,
        CODE.transport,
        "Not Acceptable: Client must accept application/json or text/event-stream",
      );
    const fault = versionFault(request, messages);
    if (fault !== undefined) return transportError(400, CODE.transport, `Bad Request: ${fault}`);
    const named = this.#named(request);
    if (named instanceof Response) return named;
    const opening = messages.find(({ method }) => method === "initialize");
    if (opening && (named || messages.length > 1 || requestId(opening) === undefined))
      return transportError(
        400,
        CODE.invalidRequest,
        "Invalid Request: initialize is a request that comes first and alone",
      );
    if (opening) return this.#initialize(opening, takesEvents, request.signal);
    let session = named ?? (await this.#sharedSession());
    // It may have become another client's in this very moment.
    while (!named && session.id !== undefined) session = await this.#sharedSession();
    return this.#ask(session, request, { messages, isBatch }, takesEvents);
  }

  async #ask(session: Session, request: Request, incoming: Incoming, takesEvents: boolean): Promise<Response> {
    const release = session.hold(incoming.messages);
    try {
      return await this.#judged(session, request, incoming, takesEvents);
    } finally {
      release();
    }
  }

  async #judged(
    session: Session,
    request: Request,
    { messages, isBatch }: Incoming,
    takesEvents: boolean,
  ): Promise<Response> {
    const { pins, denial } = this.#deps;
    const isViewer = request.headers.get(MCP_ROLE_HEADER) === "viewer";
    const list = (call: Message) => session.list(call, request.signal);
    const isShared = session.id === undefined;
    const mayAnswer = (response: Message) => session.mayAnswer(response);
    const judged = await judge(messages, { pins, denial, isViewer, isShared, mayAnswer, list });
    const { pass, refused, status } = judged;
    const requests = pass.filter((message) => requestId(message) !== undefined);
    const told = pass.filter((message) => requestId(message) === undefined);
    if (requests.length > 0)
      return session.ask({ requests, told, refused, isBatch, takesEvents, signal: request.signal });
    session.tell(told);
    const answers = refused.filter(({ id }) => id !== null);
    if (refused.length === 0) return new Response(null, { status: 202 });
    return refusal(request, answers.length > 0 ? answers : refused, status);
  }

  async #initialize(message: Message, takesEvents: boolean, signal: AbortSignal): Promise<Response> {
    const session = await this.#openSession();
    if (!session)
      return transportError(503, CODE.transport, `all ${MAX_SESSIONS} sessions of this server are busy`, {
        "retry-after": RETRY_AFTER_S,
      });
    // A server that does not want this client has no use for its session.
    const onEnd = (response: Message) => {
      if ("error" in response) void session.close();
    };
    return session.ask({ requests: [message], told: [], refused: [], isBatch: false, takesEvents, signal }, onEnd);
  }

  /** undefined: there are as many as may be, and all of them are at work. */
  async #openSession(): Promise<Session | undefined> {
    const isFull = this.#sessions.size + this.#opening >= MAX_SESSIONS;
    const oldest = isFull ? this.#longestIdle() : undefined;
    if (isFull && !oldest) return undefined;
    this.#sessions.delete(oldest?.id ?? "");
    this.#opening += 1;
    try {
      await oldest?.close();
      const id = randomUUID();
      const session = this.#takeFresh(id) ?? (await this.#open(id));
      this.#sessions.set(id, session);
      void session.over.then(() => this.#sessions.delete(id));
      return session;
    } finally {
      this.#opening -= 1;
    }
  }

  #longestIdle(): Session | undefined {
    const idle = [...this.#sessions.values()].filter(({ underWay }) => underWay === 0);
    return idle.toSorted((one, other) => one.usedAt - other.usedAt)[0];
  }

  async #open(id?: string): Promise<Session> {
    const session = new Session(await this.#deps.open(), this.#deps, id);
    if (!this.#isClosed) return session;
    await session.close();
    throw new McpProblem("the server was ended");
  }

  /** Clients ask for the newest revision first: where that is refused, the process need not be started twice. */
  #takeFresh(id: string): Session | undefined {
    const session = this.#shared?.session;
    if (!session?.isFresh) return undefined;
    this.#shared = undefined;
    session.become(id);
    return session;
  }

  #sharedSession(): Promise<Session> {
    if (this.#shared) return this.#shared.opening;
    const shared: Shared = { opening: this.#open() };
    this.#shared = shared;
    const forget = () => {
      if (this.#shared === shared) this.#shared = undefined;
    };
    shared.opening.then((session) => {
      shared.session = session;
      void session.over.then(forget);
    }, forget);
    return shared.opening;
  }

  /** undefined: the request names none. */
  #named({ headers }: Request): Session | Response | undefined {
    const id = headers.get("mcp-session-id");
    if (id === null) return undefined;
    const session = this.#sessions.get(id);
    return session && !session.isOver ? session : transportError(404, CODE.sessionNotFound, "Session not found");
  }
}

function noSession(): Response {
  return transportError(400, CODE.transport, "Bad Request: Mcp-Session-Id header is required");
}

function accepts({ headers }: Request, type: string): boolean {
  const [kind] = type.split("/");
  const accepted = (headers.get("accept") ?? "")
    .toLowerCase()
    .split(",")
    .map((one) => one.split(";")[0]?.trim());
  return accepted.some((one) => one === type || one === "*/*" || one === `${kind}/*`);
}

function versionFault({ headers }: Request, messages: readonly Message[]): string | undefined {
  const version = headers.get("mcp-protocol-version");
  if (version === null || VERSIONS.has(version) || messages.some(({ method }) => method === "initialize"))
    return undefined;
  const claims = messages
    .filter((message) => requestId(message) !== undefined)
    .map((message) => objectIn(objectIn(message, "params") ?? {}, "_meta")?.[VERSION_KEY]);
  if (version > "2026" && claims.every((claim) => claim === version)) return undefined;
  return `Unsupported protocol version: ${version} (supported versions: ${[...VERSIONS].join(", ")})`;
}
