/** `fetch` through a node's link: the node's agent asks the provider, and both bodies stream (SPEC PV2–PV4). */
import { PROVIDER_HEADER } from "@roundhouse/protocol/provider";
import type { Env } from "../../env.ts";
import { HUB_ORIGIN, HUB_STATE_HEADER } from "../../objects/node-hub/wire.ts";
import { ServiceError } from "../error.ts";
import { offline, tooOld } from "../node/ask-agent.ts";
import { nodeHub } from "../objects.ts";

/** What stands in place of the provider's base URL: the agent puts its own in again. */
export function nodeBaseUrl(providerId: string): string {
  return `${HUB_ORIGIN}/agent/providers/${encodeURIComponent(providerId)}`;
}

/**
 * Aborting the request's signal, or cancelling the answer's body, ends the request on the node. Throws `node_offline`,
 * `provider_failed` with the node's words where the provider did not answer, and `conflict` for an agent that is too old.
 */
export function fetchThroughNode(env: Env, nodeId: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, { ...init, redirect: "manual" });
    const response = await nodeHub(env, nodeId)
      .fetch(request)
      .catch((error: unknown) => {
        if (request.signal.aborted) throw error;
        throw offline(String(error));
      });
    const state = response.headers.get(HUB_STATE_HEADER);
    if (state !== null) throw await hubFault(state, response);
    if (response.headers.has(PROVIDER_HEADER)) return response;
    await response.body?.cancel();
    throw tooOld("providers of models");
  };
}

async function hubFault(state: string, response: Response): Promise<ServiceError> {
  const text = await response.text();
  if (state !== "fault unreachable") return offline(text);
  return new ServiceError("provider_failed", messageOf(text));
}

/** The hub's faults are `{message}`. */
function messageOf(text: string): string {
  const { message } = JSON.parse(text) as { message: string };
  return message;
}
