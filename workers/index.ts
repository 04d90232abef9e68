/** The Worker: one screen that sends each request to its room by host and path. */
import { api } from "./api/index.ts";
import { dashboard } from "./dashboard.ts";
import type { Env } from "./env.ts";
import { handleApp } from "./ingress/app.ts";
import { roomOfHost } from "./ingress/host.ts";
import { findAppHost } from "./ingress/hub.ts";
import { errorAnswer } from "./ingress/pages.ts";
import { handleMcp } from "./mcp/index.ts";
import { handleNodeMcp } from "./mcp/node-server.ts";
import { isForNewNodes, serveNewNode } from "./new-node.ts";
import { handleLink } from "./sockets/link.ts";
import { handleSocket } from "./sockets/dashboard.ts";

export { JobRun } from "./objects/job-run/durable-object.ts";
export { LiveFeed } from "./objects/live-feed/durable-object.ts";
export { NodeHub } from "./objects/node-hub/durable-object.ts";
export { Scheduler } from "./objects/scheduler/durable-object.ts";

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const url = new URL(request.url);
    const host = roomOfHost(url, env.PUBLIC_URL, env.APPS_DOMAIN);
    if (host.room === "app") return handleApp(request, url, env, host);
    if (host.room === "unknown") {
      const app = await findAppHost(env, url.hostname);
      if (app) return handleApp(request, url, env, app);
      const hint = `This control plane is at ${env.PUBLIC_URL}.`;
      return errorAnswer(421, "unknown_host", `Nothing is served for ${url.host}.`, hint);
    }
    if (url.pathname === "/link") return handleLink(request, env);
    if (url.pathname === "/mcp") return handleMcp(request, env, ctx);
    if (url.pathname.startsWith("/mcp/")) return handleNodeMcp(request, env, ctx);
    if (url.pathname === "/health" || url.pathname === "/metrics" || url.pathname.startsWith("/api/")) {
      return (await handleSocket(request, env)) ?? api.fetch(request, env, ctx);
    }
    if (isForNewNodes(url.pathname)) return serveNewNode(request, env);
    return dashboard(request, env);
  },
} satisfies ExportedHandler<Env>;
