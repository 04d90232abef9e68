/** POST /api/webhook/{name}, where other systems start runs; and /api/webhooks, where people see which names there are. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { MAX_WEBHOOK_MESSAGES_PER_MINUTE, Webhook, WebhookTaken } from "@roundhouse/protocol/api/job";
import * as z from "zod";
import { listWebhooks } from "../services/webhook/list.ts";
import { receiveWebhook } from "../services/webhook/receive.ts";
import type { Api } from "./app.ts";
import { json, route } from "./route.ts";

// Declared as optional: what is missing is refused in the same words as what is wrong.
const header = (description: string) => z.string().optional().describe(description);
const Signature = z.object({
  "webhook-id": header("Required. The message's own id: the same one again starts nothing."),
  "webhook-timestamp": header("Required. Unix seconds, at most 5 minutes off."),
  "webhook-signature": header("Required. `v1,<base64>` of HMAC-SHA256 over `<id>.<timestamp>.<body>`."),
});

const receive = route({
  method: "post",
  path: "/api/webhook/{name}",
  access: "public",
  streamed: true,
  // The run that it starts is recorded, and none for a message that came before.
  audit: false,
  summary: "Start a run by a signed message (Standard Webhooks)",
  description:
    "The body, at most 64 KiB of text, is handed to the job as data. It is read as it comes: any content type will do. " +
    `A webhook takes ${MAX_WEBHOOK_MESSAGES_PER_MINUTE} new messages a minute; beyond them it answers 429 with Retry-After.`,
  request: {
    params: z.object({ name: z.string() }),
    headers: Signature,
    body: { required: false as const, content: { "text/plain": { schema: z.string() } } },
  },
  responses: {
    202: json(WebhookTaken, "The run; for a message that was taken before, the same one."),
    429: { description: "`too_many_requests`: send this one again after `Retry-After` seconds." },
  },
});

const list = route({
  method: "get",
  path: "/api/webhooks",
  access: "viewer",
  summary: "List the names that take webhooks",
  request: { query: ListQuery },
  responses: { 200: json(page(Webhook), "With their jobs and last messages, by name.") },
});

export function addWebhooks(api: Api): void {
  api.openapi(receive, async (c) => {
    return c.json(await receiveWebhook(c.var.ctx, c.req.valid("param").name, c.req.raw), 202);
  });
  api.openapi(list, async (c) => c.json(await listWebhooks(c.var.ctx, c.req.valid("query")), 200));
}
