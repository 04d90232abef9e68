/** Terminals as services of the agent: listed and closed by HTTP, shown and typed into by a socket. */
import type { Terminal } from "@roundhouse/protocol/terminal";
import type { FeedInbox, FeedMessage } from "../link/feed-inbox.ts";
import { wholeJson } from "../services/whole-json.ts";
import { terminalFeed } from "./socket.ts";
import type { Terminals } from "./terminals.ts";

const PATH = /^\/instances\/([A-Za-z0-9_]+)\/(terminals?)(?:\/([A-Za-z0-9_]+))?$/;

export function terminalServices(terminals: Terminals) {
  return {
    /** Undefined for what is no path of terminals. */
    fetch: async (request: Request): Promise<Response | undefined> => {
      const [, instance, word, id] = PATH.exec(new URL(request.url).pathname) ?? [];
      if (instance === undefined || word !== "terminals") return undefined;
      if (id === undefined && request.method === "GET") return wholeJson(page(terminals.list(instance)));
      if (id === undefined || request.method !== "DELETE") return new Response(null, { status: 405 });
      return new Response(null, { status: (await terminals.close(instance, id)) ? 204 : 404 });
    },
    feed: (url: URL, signal: AbortSignal, inbox: FeedInbox): AsyncIterable<FeedMessage> | undefined => {
      const [, instance, word, id] = PATH.exec(url.pathname) ?? [];
      if (instance === undefined || word !== "terminal" || id !== undefined) return undefined;
      return terminalFeed(terminals, instance, url.searchParams, inbox, signal);
    },
  };
}

function page(items: Terminal[]): { items: Terminal[]; cursor: null } {
  return { items, cursor: null };
}
