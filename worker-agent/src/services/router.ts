/** What the agent answers itself, by path: logs and stats, once or as a live feed, files, uploads, terminals, providers, MCP servers, and tool calls. */
import type { NodeStats } from "@roundhouse/protocol/api/node";
import type { StatsRecorder } from "../host/stats.ts";
import type { FeedInbox, FeedMessage } from "../link/feed-inbox.ts";
import type { AgentServices } from "../link/service-stream.ts";
import { logFeed, logPage } from "./logs.ts";
import { wholeJson } from "./whole-json.ts";

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
  /** Answers `/mcp` and below, and the sockets at `/mcp/<id>/logs` (mcp/service.ts). */
  mcp: {
    fetch(request: Request): Promise<Response | undefined>;
    feed(url: URL, signal: AbortSignal): AsyncIterable<FeedMessage> | undefined;
  };
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
      const ofMcp = await deps.mcp.fetch(request);
      if (ofMcp) return ofMcp;
      const ofTools = await deps.tools(request);
      if (ofTools) return ofTools;
      const ofTerminals = await deps.terminals.fetch(request);
      if (ofTerminals) return ofTerminals;
      if (request.method !== "GET") return new Response(null, { status: 405 });
      return readOnce(deps, url);
    },
    feed: (url, signal, inbox) => {
      if (url.pathname === "/stats") return statsFeed(deps.stats, signal);
      const other = deps.terminals.feed(url, signal, inbox) ?? deps.mcp.feed(url, signal);
      if (other) return other;
      const dir = logDir(deps, url);
      return dir === undefined ? undefined : logFeed(dir, url, signal);
    },
  };
}

async function readOnce(deps: RouterDeps, url: URL): Promise<Response> {
  if (url.pathname === "/stats") return wholeJson({ items: deps.stats.history() } satisfies NodeStats);
  const dir = logDir(deps, url);
  return dir === undefined ? new Response(null, { status: 404 }) : logPage(dir, url);
}

async function* statsFeed(stats: StatsRecorder, signal: AbortSignal): AsyncIterable<FeedMessage> {
  for await (const sample of stats.follow(signal)) yield JSON.stringify(sample);
}

function logDir(deps: RouterDeps, url: URL): string | undefined {
  const id = /^\/instances\/([A-Za-z0-9_]+)\/logs$/.exec(url.pathname)?.[1];
  return id === undefined ? undefined : deps.logDirOf(id);
}
