/** The gateway of a server that speaks Streamable HTTP itself: message by message, in the sessions that it gives (SPEC MC4). */
import { randomUUID } from "node:crypto";
import { MCP_ROLE_HEADER } from "@roundhouse/protocol/mcp";
import type { Message } from "./channel.ts";
import { type Page, Pages, wholeList } from "./definitions.ts";
import { inTime, judge, type Listed, metaOf, type NoList } from "./gate.ts";
import type { GatewayDeps } from "./gateway.ts";
import { bodyHeaders, leadsAway, toServer } from "./headers.ts";
import { ask, type HttpAnswer, type HttpTarget, send } from "./http-server.ts";
import { type Incoming, refusal } from "./incoming.ts";
import { objectIn } from "./json-rpc.ts";
import { Questions } from "./questions.ts";
import { Screen, type ScreenDeps } from "./screen.ts";
import { screened } from "./screened.ts";

type RelayDeps = ScreenDeps & Pick<GatewayDeps, "denial"> & { target: HttpTarget };

/** Of one session. */
type Seen = { pages: Pages; questions: Questions };

/** Sessions whose lists are put together; of others pages that come later are not told. */
const MAX_SESSIONS = 64;

export class Relay {
  readonly #deps: RelayDeps;
  readonly #seen = new Map<string, Seen>();

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  /** GET and DELETE. */
  async pass(request: Request): Promise<Response> {
    const { method, signal } = request;
    const headers = toServer(request.headers);
    const answer = await send(this.#deps.target, { method: method as "GET" | "DELETE", headers, signal });
    return screened(answer, new Screen(this.#deps, [], this.#seenOf(request)), []);
  }

  async post(request: Request, { messages, isBatch }: Incoming): Promise<Response> {
    const { pins, denial, target } = this.#deps;
    const isViewer = request.headers.get(MCP_ROLE_HEADER) === "viewer";
    const list = (call: Message) => this.#list(request, call);
    const seen = this.#seenOf(request);
    const mayAnswer = (response: Message) => seen.questions.areHarmless(response);
    const judged = await judge(messages, { pins, denial, isViewer, isShared: false, mayAnswer, list });
    const { pass, refused, status } = judged;
    if (pass.length === 0) return refusal(request, refused, status);
    const answer = await send(target, {
      method: "POST",
      headers: { ...toServer(request.headers), "content-type": "application/json" },
      body: JSON.stringify(isBatch ? pass : pass[0]),
      signal: request.signal,
    });
    return screened(answer, new Screen(this.#deps, pass, seen), refused);
  }

  /** In the session of the call, and as the client that calls. */
  async #list(request: Request, call: Message): Promise<Listed> {
    const listed = await inTime(request.signal, (signal) =>
      wholeList((cursor) => this.#page(request, call, cursor, signal)),
    );
    if ("tools" in listed) this.#deps.onList(listed.tools);
    return listed;
  }

  async #page(request: Request, call: Message, cursor: string | undefined, signal: AbortSignal): Promise<Page<NoList>> {
    const headers = Object.entries(toServer(request.headers)).filter(
      ([name]) => !/^(?:mcp-method|mcp-name|mcp-param-.*|last-event-id)$/.test(name),
    );
    const params = { ...metaOf(call), ...(cursor !== undefined && { cursor }) };
    const isStateless = request.headers.has("mcp-method");
    const id = `roundhouse-${randomUUID()}`;
    const answer = await ask(this.#deps.target, id, {
      method: "POST",
      headers: {
        ...Object.fromEntries(headers),
        ...(isStateless && bodyHeaders("tools/list", params)),
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id, method: "tools/list", params }),
      signal,
    });
    const result = answer.response && objectIn(answer.response, "result");
    return result ? { result } : { other: noList(answer) };
  }

  #seenOf({ headers }: Request): Seen {
    const session = headers.get("mcp-session-id") ?? "";
    const seen = this.#seen.get(session) ?? { pages: new Pages(), questions: new Questions() };
    this.#seen.delete(session);
    this.#seen.set(session, seen);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_SESSIONS && oldest !== undefined) this.#seen.delete(oldest);
    return seen;
  }
}

function noList({ status, response }: HttpAnswer): NoList {
  const error = response && objectIn(response, "error");
  const told = status < 400 ? 200 : status;
  return {
    status: leadsAway(status) ? 502 : told,
    error: error ?? { message: `it answered ${status} without a list` },
  };
}
