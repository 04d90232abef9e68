/** Asks a node's agent something over its link and reads the JSON answer. */
import type * as z from "zod";
import { HUB_ORIGIN } from "../../objects/node-hub/wire.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { nodeHub } from "../objects.ts";

/** `path` starts with `/agent/`. Answers undefined when the agent knows no such thing. Throws `node_offline`. */
export async function askAgent<T>(
  ctx: Context,
  nodeId: string,
  path: string,
  answer: z.ZodType<T>,
  method: "GET" | "DELETE" = "GET",
): Promise<T | undefined> {
  const response = await nodeHub(ctx.env, nodeId).fetch(new Request(`${HUB_ORIGIN}${path}`, { method }));
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw offline(await response.text());
  return answer.parse(await response.json());
}

/** The node cannot be asked just now. */
export function offline(detail: string): ServiceError {
  return new ServiceError("node_offline", "The node does not answer at the moment.", {
    hint: "It answers again when its worker agent is back; look at the node's page for the reason.",
    cause: detail,
  });
}

/** The node's agent does not know what it was asked for (`what`, in the plural). */
export function tooOld(what: string): ServiceError {
  return new ServiceError("conflict", `The worker agent of this node does not know ${what} yet.`, {
    hint: "Upgrade it: end it, and start the newest one with the same command.",
  });
}
