/** The Worker: one screen that sends each request to its room by host and path. */
import type { Env } from "./env.ts";

export { LiveFeed } from "./objects/live-feed/durable-object.ts";
export { NodeHub } from "./objects/node-hub/durable-object.ts";

export default {
  async fetch(_request: Request, _env: Env): Promise<Response> {
    return new Response("not yet", { status: 503 });
  },
} satisfies ExportedHandler<Env>;
