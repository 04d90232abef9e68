/** What is asked of a server in a session of our own: its tools, and the calls of runs (SPEC MC5, MC6, MC8). */
import { digestOfTools } from "@roundhouse/protocol/mcp-definition";
import type { McpCallOutcome, McpListing } from "@roundhouse/protocol/mcp";
import { AGENT_VERSION } from "../version.ts";
import { type Message, McpProblem } from "./channel.ts";
import { type Page, pinnedTools, readTools, wholeList } from "./definitions.ts";
import { inTime, wordUnpinned } from "./gate.ts";
import type { Gateway, Target } from "./gateway.ts";
import { CODE, isObject, objectIn } from "./json-rpc.ts";
import { channelPeer, errorIn, HttpPeer, type Peer } from "./own-peer.ts";
import type { ScreenDeps } from "./screen.ts";

type Opened = {
  peer: Peer;
  /** Of each request, where there is no session. */
  meta: Message;
  serverName: string;
  serverVersion: string;
  instructions: string | null;
};

type OwnDeps = Pick<ScreenDeps, "onList"> & { target: Target };

const SESSION_VERSION = "2025-11-25";
const STATELESS_VERSION = "2026-07-28";
const KEY = "io.modelcontextprotocol";
const CLIENT = { name: "roundhouse", version: AGENT_VERSION };
const STATELESS_META = {
  _meta: {
    [`${KEY}/protocolVersion`]: STATELESS_VERSION,
    [`${KEY}/clientInfo`]: CLIENT,
    [`${KEY}/clientCapabilities`]: {},
  },
};

export class Own {
  readonly #deps: OwnDeps;
  readonly #ended = new AbortController();
  #opened: Promise<Opened> | undefined;
  #kept: Opened | undefined;

  constructor(deps: OwnDeps) {
    this.#deps = deps;
  }

  async list(asker: AbortSignal): Promise<McpListing> {
    const { tools, opened } = await this.#tools(this.#until(asker));
    const { serverName, serverVersion, instructions } = opened;
    const { definitions } = readTools(tools);
    return { tools: definitions, digest: await digestOfTools(definitions), serverName, serverVersion, instructions };
  }

  async call(...[{ tool, arguments: args, pin }, options]: Parameters<Gateway["call"]>): Promise<McpCallOutcome> {
    const signal = this.#until(options.signal);
    const { tools, opened } = await this.#tools(signal);
    const isNamed = (one: unknown) => isObject(one) && one["name"] === tool;
    const definition = (await pinnedTools(tools, { [tool]: pin })).find(isNamed);
    if (!definition) return { is: "changed", message: wordUnpinned(tool, pin, tools.some(isNamed)) };
    await options.beforeSending?.();
    const params = { ...opened.meta, name: tool, arguments: args };
    return outcomeOf(await opened.peer.ask("tools/call", params, signal, definition["inputSchema"]));
  }

  async close(): Promise<void> {
    this.#ended.abort(new McpProblem("the server was ended"));
    // One that is being opened sees that for itself.
    await this.#kept?.peer.close();
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#ended.signal]);
  }

  /** In a new session, where the server has forgotten the one that was kept. */
  async #tools(signal: AbortSignal) {
    const isKept = this.#opened !== undefined;
    const opened = await this.#session(signal);
    try {
      return { opened, tools: await this.#listed(opened, signal) };
    } catch (error) {
      if (!isKept || !opened.peer.isOver()) throw error;
    }
    const renewed = await this.#session(signal);
    return { opened: renewed, tools: await this.#listed(renewed, signal) };
  }

  async #listed({ peer, meta }: Opened, signal: AbortSignal): Promise<readonly unknown[]> {
    const page = async (cursor: string | undefined, until: AbortSignal): Promise<Page<ReturnType<typeof errorIn>>> => {
      const response = await peer.ask("tools/list", { ...meta, ...(cursor !== undefined && { cursor }) }, until);
      const result = objectIn(response, "result");
      return result ? { result } : { other: errorIn(response) };
    };
    const listed = await inTime(signal, (until) => wholeList((cursor) => page(cursor, until)));
    if ("other" in listed && listed.other?.code !== CODE.methodNotFound)
      throw new McpProblem(`it did not list its tools: ${listed.other?.message ?? "it gave no reason"}`);
    // It may have no tools at all, and know no such method.
    const tools = "tools" in listed ? listed.tools : [];
    this.#deps.onList(tools);
    return tools;
  }

  /** Whoever waits for it may leave: it is opened for the next one. */
  async #session(signal: AbortSignal): Promise<Opened> {
    const found = this.#opened;
    const kept = found && (await orAborted(found, signal));
    if (kept && !kept.peer.isOver()) return kept;
    // Another who found it over may have been first.
    if (this.#opened !== found) return this.#session(signal);
    const opening = this.#open(this.#ended.signal);
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return orAborted(opening, signal);
  }

  async #open(signal: AbortSignal): Promise<Opened> {
    const { target } = this.#deps;
    const peer = target.kind === "http" ? new HttpPeer(target) : await channelPeer(target.open);
    try {
      this.#kept = { peer, ...(await introduce(peer, signal)) };
      return this.#kept;
    } catch (error) {
      await peer.close();
      throw error;
    }
  }
}

function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

async function introduce(peer: Peer, signal: AbortSignal): Promise<Omit<Opened, "peer">> {
  const params = { protocolVersion: SESSION_VERSION, capabilities: {}, clientInfo: CLIENT };
  const initialized = await peer.ask("initialize", params, signal);
  const result = objectIn(initialized, "result");
  if (!result) return discover(peer, signal, errorIn(initialized)?.message ?? "it gave no reason");
  peer.agree(String(result["protocolVersion"]), false);
  await peer.tell("notifications/initialized");
  return { meta: {}, ...selfOf(result, objectIn(result, "serverInfo")) };
}

/** It may know only revisions without sessions. */
async function discover(peer: Peer, signal: AbortSignal, refusal: string): Promise<Omit<Opened, "peer">> {
  peer.agree(STATELESS_VERSION, true);
  const result = objectIn(await peer.ask("server/discover", STATELESS_META, signal), "result");
  const versions = result?.["supportedVersions"];
  if (!result || !Array.isArray(versions) || !versions.includes(STATELESS_VERSION))
    throw new McpProblem(`it refused to be initialized: ${refusal}`);
  const info = objectIn(objectIn(result, "_meta") ?? {}, `${KEY}/serverInfo`) ?? objectIn(result, "serverInfo");
  return { meta: STATELESS_META, ...selfOf(result, info) };
}

function selfOf({ instructions }: Message, info: Message | undefined) {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    serverName: text(info?.["name"]),
    serverVersion: text(info?.["version"]),
    instructions: typeof instructions === "string" ? instructions : null,
  };
}

function outcomeOf(response: Message): McpCallOutcome {
  const result = objectIn(response, "result");
  if (!result) return { is: "error", message: errorIn(response)?.message ?? "the server gave no reason" };
  if (result["resultType"] === "input_required")
    return { is: "error", message: "the tool asks for input, which a run cannot give" };
  return { is: "result", result };
}
