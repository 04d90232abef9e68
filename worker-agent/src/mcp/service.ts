/** MCP servers as services of the agent: `/mcp` and below (SPEC MC4, MC5, MC7). */
import type { ErrorBody } from "@roundhouse/protocol/errors";
import { parseJson } from "@roundhouse/protocol/json";
import { MAX_MCP_MESSAGE_BYTES, MCP_HEADER, type McpCallOutcome, McpCallRequest } from "@roundhouse/protocol/mcp";
import type { FeedMessage } from "../link/feed-inbox.ts";
import { logFeed, logPage } from "../services/logs.ts";
import { wholeJson } from "../services/whole-json.ts";
import { McpProblem } from "./channel.ts";
import { redactedResult } from "./result.ts";
import type { Server } from "./server.ts";
import type { Servers } from "./servers.ts";

export type McpServices = {
  /** Undefined for what is no path of MCP servers. */
  fetch: (request: Request) => Promise<Response | undefined>;
  feed: (url: URL, signal: AbortSignal) => AsyncIterable<FeedMessage> | undefined;
};

const PATH = /^\/mcp\/([A-Za-z0-9_]+)(?:\/(tools|call|stop|logs))?$/;

export function mcpServices(servers: Servers): McpServices {
  return {
    fetch: async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/mcp") {
        return request.method === "GET"
          ? wholeJson({ items: servers.statuses() })
          : new Response(null, { status: 405 });
      }
      const [, id, word] = PATH.exec(url.pathname) ?? [];
      if (id === undefined) return undefined;
      return marked(id, await answer(servers, { id, word, url, request }));
    },
    feed: (url, signal) => {
      const [, id = "", word] = PATH.exec(url.pathname) ?? [];
      const server = word === "logs" ? servers.find(id) : undefined;
      return server && logFeed(server.logDir, url, signal);
    },
  };
}

type Asked = { id: string; word: string | undefined; url: URL; request: Request };

async function answer(servers: Servers, { id, word, url, request }: Asked): Promise<Response> {
  const server = servers.find(id);
  if (!server) return problem(404, "not_found", `This node has no MCP server ${id}.`);
  try {
    switch (`${word === undefined ? "ANY" : request.method} ${word}`) {
      case "ANY undefined":
        return await server.use((gateway) => gateway.fetch(request));
      case "GET tools":
        return await tools(server, url, request.signal);
      case "POST call":
        return await call(servers, server, request);
      case "POST stop":
        await server.stop();
        return wholeJson({});
      case "GET logs":
        return await logPage(server.logDir, url);
      default:
        return new Response(null, { status: 405 });
    }
  } catch (error) {
    if (!(error instanceof McpProblem)) throw error;
    return problem(502, "mcp_server_failed", error.message, error.hint);
  }
}

/** `seen`: as they were seen last, and nothing is started for it. */
async function tools(server: Server, { searchParams }: URL, signal: AbortSignal): Promise<Response> {
  if (!searchParams.has("seen")) return wholeJson(await server.list(signal));
  const seen = server.seen();
  return seen ? wholeJson(seen) : problem(404, "not_found", "Its tools were not seen yet.");
}

/** A person tries a tool. */
async function call(servers: Servers, server: Server, request: Request): Promise<Response> {
  const text = await request.text();
  if (text.length > MAX_MCP_MESSAGE_BYTES) return problem(413, "body_too_large", "The call is too large.");
  const parsed = McpCallRequest.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return problem(400, "invalid_input", `${issue?.path.join(".") || "body"}: ${issue?.message}.`);
  }
  const startMs = performance.now();
  const outcome = await outcomeOf(servers, server, parsed.data, request.signal);
  return wholeJson({ outcome, durationMs: Math.round(performance.now() - startMs) });
}

async function outcomeOf(
  servers: Servers,
  server: Server,
  asked: McpCallRequest,
  signal: AbortSignal,
): Promise<McpCallOutcome> {
  const denial = servers.denial(server, asked.tool, asked.arguments);
  if (denial !== null) return { is: "error", message: denial };
  const outcome = await server.use((gateway) => gateway.call(asked, { signal }));
  const redact = (one: string): string => server.redact(one);
  if (outcome.is === "result") return { is: "result", result: redactedResult(outcome.result, redact) };
  return { is: outcome.is, message: redact(outcome.message) };
}

function problem(status: number, code: ErrorBody["error"]["code"], message: string, hint?: string): Response {
  return wholeJson({ error: { code, message, hint } } satisfies ErrorBody, status);
}

/** Those of a gateway may be what a server answered, whose headers cannot be set. */
function marked(id: string, response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set(MCP_HEADER, id);
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers });
}
