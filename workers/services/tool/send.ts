/** A tool call on its way to a node (SPEC TC1–TC9): sent again under the same id after any doubt, and never made twice there. */
import { MAX_CALL_WAIT_MS, ToolCallAnswer, type ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { HUB_ORIGIN } from "../../objects/node-hub/wire.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { offline, tooOld } from "../node/ask-agent.ts";
import { nodeHub } from "../objects.ts";

/** Throws `node_offline` where it may or may not have arrived, and `conflict` from an agent that knows no tools. */
export async function sendCall(
  ctx: Context,
  nodeId: string,
  { id, request, signal }: { id: string; request: ToolCallRequest; signal: AbortSignal },
): Promise<ToolCallAnswer> {
  const response = await ask(ctx, nodeId, `${urlOf(id)}?waitMs=${MAX_CALL_WAIT_MS}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal,
  });
  return ToolCallAnswer.parse(await response.json());
}

/** Ends a call on its node. A node that does not know the call has nothing to end. Throws `node_offline`. */
export async function stopCall(ctx: Context, nodeId: string, id: string): Promise<void> {
  const response = await nodeHub(ctx.env, nodeId).fetch(new Request(urlOf(id), { method: "DELETE" }));
  const text = await response.text();
  if (!response.ok && response.status !== 404 && response.status !== 405) throw offline(text);
}

async function ask(ctx: Context, nodeId: string, url: string, init: RequestInit): Promise<Response> {
  const response = await reach(ctx, nodeId, new Request(url, init));
  if (response.ok) return response;
  const text = await response.text();
  if (response.status === 404 || response.status === 405) throw tooOld("tools");
  if (response.status >= 500) throw offline(text);
  throw new ServiceError("conflict", `The node answered ${response.status}: ${text.slice(0, 1000)}`);
}

async function reach(ctx: Context, nodeId: string, request: Request): Promise<Response> {
  try {
    return await nodeHub(ctx.env, nodeId).fetch(request);
  } catch (error) {
    // The hub was restarted, or the link broke meanwhile: what became of the request is in doubt.
    throw offline(String(error));
  }
}

function urlOf(id: string): string {
  return `${HUB_ORIGIN}/agent/tools/calls/${encodeURIComponent(id)}`;
}
