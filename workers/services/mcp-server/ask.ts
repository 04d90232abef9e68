/** Asks an MCP server's node about it, and turns a refusal of the node into one of ours. */
import type * as z from "zod";
import { MCP_HEADER } from "@roundhouse/protocol/mcp";
import { HOLDER_HEADER, HUB_ORIGIN, HUB_STATE_HEADER } from "../../objects/node-hub/wire.ts";
import { holderOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { offline, tooOld } from "../node/ask-agent.ts";
import { refusalOf } from "../node/refusal.ts";
import { nodeHub } from "../objects.ts";
import type { McpServerRow } from "./find.ts";

type Asked<T> = { path: string; answer: z.ZodType<T>; method?: "GET" | "POST"; body?: unknown; signal?: AbortSignal };

/**
 * `path` is below the server's. Undefined where the agent knows no such thing. Throws `node_offline`, `mcp_server_failed`
 * with the node's words, and `conflict` for an agent that is too old.
 */
export async function askServer<T>(
  ctx: Context,
  { id, nodeId }: McpServerRow,
  asked: Asked<T>,
): Promise<T | undefined> {
  const { path, answer, method = "GET", body, signal } = asked;
  const headers = new Headers({ [HOLDER_HEADER]: JSON.stringify(holderOf(ctx.actor)) });
  if (body !== undefined) headers.set("content-type", "application/json");
  const request = new Request(`${HUB_ORIGIN}/agent/mcp/${id}${path}`, {
    ...{ method, headers, signal },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const response = await nodeHub(ctx.env, nodeId)
    .fetch(request)
    .catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw offline(String(error));
    });
  return answerOf(response, answer);
}

async function answerOf<T>(response: Response, answer: z.ZodType<T>): Promise<T | undefined> {
  const text = await response.text();
  if (response.headers.has(HUB_STATE_HEADER)) throw offline(text);
  if (!response.headers.has(MCP_HEADER)) throw tooOld("MCP servers");
  if (response.ok) return answer.parse(JSON.parse(text));
  if (response.status === 404) return undefined;
  throw refusalOf(response.status, text);
}

/** The agent was not told of the server yet, or not any more. */
export function notThereYet({ name }: McpServerRow): ServiceError {
  return new ServiceError("node_offline", `The node was not told of the MCP server ${JSON.stringify(name)} yet.`, {
    hint: "Try again in a moment.",
  });
}
