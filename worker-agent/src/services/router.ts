/** What the agent answers itself, by path: logs and stats, once or as a live feed, files, uploads, terminals, providers, and tool calls. */
import type { Logs } from "@roundhouse/protocol/api/instance";
import type { NodeStats } from "@roundhouse/protocol/api/node";
import type { StatsRecorder } from "../host/stats.ts";
import { followLog, readLog, restOfCharacter, wholeCharacters } from "../instances/log.ts";
import type { FeedInbox, FeedMessage } from "../link/feed-inbox.ts";
import type { AgentServices } from "../link/service-stream.ts";
import { wholeJson } from "./whole-json.ts";

/** Most bytes of a log in one answer; a reader asks again from where it ends. */
const MAX_LOG_BYTES = 512 * 1024;

export type RouterDeps = {
  stats: StatsRecorder;
  logDirOf(instanceId: string): string | undefined;
  /** Answers below `/instances/<id>/uploads` (uploads/protocol.ts). */
  uploads(request: Request): Promise<Response>;
  /** Answers `/versions` and `/instances/<id>/versions` (environments/service.ts). */
  versions(request: Request): Promise<Response | undefined>;
  /** Answers `/trash` and below (trash/service.ts). */
  trash(request: Request): Promise<Response | undefined>;
  /** Answers below `/tools` (tools/service.ts). */
  tools(request: Request): Promise<Response | undefined>;
  /** Answers below `/instances/<id>/files` (files/service.ts). */
  files(request: Request): Promise<Response>;
  /** Answers below `/providers/<id>` (providers/service.ts). */
  providers(request: Request): Promise<Response | undefined>;
  /** What is below `/instances/<id>/terminals`, and the sockets at `/instances/<id>/terminal` (terminals/services.ts). */
  terminals: {
    fetch(request: Request): Promise<Response | undefined>;
    feed(url: URL, signal: AbortSignal, inbox: FeedInbox): AsyncIterable<FeedMessage> | undefined;
  };
};

export function agentServices(deps: RouterDeps): AgentServices {
  return {
    fetch: async (request) => {
      const url = new URL(request.url);
      if (/^\/instances\/[^/]+\/uploads(\/|$)/.test(url.pathname)) return deps.uploads(request);
      if (/^\/instances\/[^/]+\/files(\/|$)/.test(url.pathname)) return deps.files(request);
      const ofProvider = await deps.providers(request);
      if (ofProvider) return ofProvider;
      const other = (await deps.trash(request)) ?? (await deps.versions(request));
      if (other) return other;
      const ofTools = await deps.tools(request);
      if (ofTools) return ofTools;
      const ofTerminals = await deps.terminals.fetch(request);
      if (ofTerminals) return ofTerminals;
      if (request.method !== "GET") return new Response(null, { status: 405 });
      return readOnce(deps, url);
    },
    feed: (url, signal, inbox) => {
      if (url.pathname === "/stats") return statsFeed(deps.stats, signal);
      const terminal = deps.terminals.feed(url, signal, inbox);
      if (terminal) return terminal;
      const dir = logDir(deps, url);
      return dir === undefined ? undefined : logFeed(dir, offsetOf(url), signal);
    },
  };
}

async function readOnce(deps: RouterDeps, url: URL): Promise<Response> {
  if (url.pathname === "/stats") return wholeJson({ items: deps.stats.history() } satisfies NodeStats);
  const dir = logDir(deps, url);
  if (dir === undefined) return new Response(null, { status: 404 });
  const asked = offsetOf(url);
  const { content, offset, size } = await readLog(dir, asked, MAX_LOG_BYTES);
  const whole = wholeCharacters(content);
  // Counted from the end, it may begin amid a character; who names an offset gets what is there.
  const cut = asked < 0 && offset > 0 ? restOfCharacter(whole) : 0;
  const told = new TextDecoder().decode(whole.subarray(cut));
  return wholeJson({ content: told, offset: offset + cut, size, next: offset + whole.length } satisfies Logs);
}

async function* statsFeed(stats: StatsRecorder, signal: AbortSignal): AsyncIterable<FeedMessage> {
  for await (const sample of stats.follow(signal)) yield JSON.stringify(sample);
}

/** A text message says where the bytes that follow begin; binary messages are the bytes. */
async function* logFeed(dir: string, from: number, signal: AbortSignal): AsyncIterable<FeedMessage> {
  let expected: number | undefined;
  for await (const { offset, bytes } of followLog(dir, from, signal)) {
    if (offset !== expected) yield JSON.stringify({ offset });
    expected = offset + bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}

function logDir(deps: RouterDeps, url: URL): string | undefined {
  const id = /^\/instances\/([A-Za-z0-9_]+)\/logs$/.exec(url.pathname)?.[1];
  return id === undefined ? undefined : deps.logDirOf(id);
}

function offsetOf(url: URL): number {
  const offset = Number(url.searchParams.get("offset") ?? 0);
  return Number.isSafeInteger(offset) ? offset : 0;
}
