/**
 * A server made for the conformance suite: Streamable HTTP of 2025, with sessions and streams that can be taken up again,
 * at `/mcp` of loopback. It listens on PORT, or on a free port, and says on its standard output which.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { SessionEvents } from "./event-store.ts";
import { servePrompts } from "./suite-prompts.ts";
import { serveResources } from "./suite-resources.ts";
import { SUITE_TOOLS } from "./suite-tools.ts";
import { serveTools } from "./tools.ts";

const LOCAL = ["localhost", "127.0.0.1", "[::1]"];
/** After which a client whose stream was closed comes back. */
const RETRY_MS = 100;

const sessions = new Map<string, StreamableHTTPServerTransport>();

const http = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    response.destroy();
  });
});
http.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`${(http.address() as AddressInfo).port}\n`);
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isLocal(`http://${request.headers.host}`) || !isLocal(request.headers.origin)) {
    return refuse(response, 403, "only for this machine");
  }
  if (new URL(request.url ?? "/", "http://localhost").pathname !== "/mcp") return refuse(response, 404, "not here");
  const id = request.headers["mcp-session-id"];
  if (id === undefined) return begin(request, response);
  const session = sessions.get(String(id));
  if (!session) return refuse(response, 404, "there is no such session");
  return session.handleRequest(request, response);
}

/** A request without a session is the first of a new one; what is none is refused by the transport itself. */
async function begin(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new SessionEvents(),
    retryInterval: RETRY_MS,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await makeServer().connect(transport);
  await transport.handleRequest(request, response);
}

function makeServer(): Server {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} };
  const server = new Server({ name: "suite-server-of-tests", version: "1" }, { capabilities });
  serveTools(server, () => SUITE_TOOLS);
  serveResources(server);
  servePrompts(server);
  return server;
}

/** What a page of another site sends has that site's name in one of them. */
function isLocal(origin: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && LOCAL.includes(new URL(origin).hostname));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32000, message } }));
}
