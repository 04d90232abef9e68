/** GET /api/openapi.json: every route, from the same schemas that check it. */
import * as z from "zod";
import { VERSION } from "../services/version.ts";
import type { Api } from "./app.ts";
import { documentedPath, json, route } from "./route.ts";

const get = route({
  method: "get",
  path: "/api/openapi.json",
  access: "public",
  summary: "This document",
  responses: { 200: json(z.record(z.string(), z.unknown()), "OpenAPI 3.1.") },
});

const DESCRIPTION = `The HTTP API of Roundhouse.

Send \`Authorization: Bearer <api key>\`. The dashboard sends its session cookie with the header \`x-roundhouse-proof\`.
\`x-access\` of an operation says who may use it. Errors are always \`{error: {code, message, hint?, details?}}\`; lists take
\`limit\` and \`cursor\`; times are ISO 8601 UTC.

Beside these routes there are WebSockets. A browser sends the subprotocols \`roundhouse.v1\` and \`proof.<value>\`:
- \`/api/events\` (viewer): the live feed, hints to read again.
- \`/api/instances/{id}/logs?offset=\` (viewer): the log, from the offset on and as it grows.
- \`/api/nodes/{id}/stats\` (viewer): a node's stats, each new sample.

\`POST /mcp\` is the pool as an MCP server, for the same keys.`;

export function addDocument(api: Api): void {
  api.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  let document: Record<string, unknown> | undefined;
  api.openapi(get, (c) => {
    document ??= documentOf(api);
    return c.json(document, 200);
  });
}

function documentOf(api: Api): Record<string, unknown> {
  const { paths = {}, ...rest } = api.getOpenAPI31Document({ openapi: "3.1.0", info: INFO });
  const written = Object.entries(paths).map(([path, operations]) => [documentedPath(path), operations]);
  return { ...rest, paths: Object.fromEntries(written) };
}

const INFO = { title: "Roundhouse", version: VERSION, description: DESCRIPTION };
