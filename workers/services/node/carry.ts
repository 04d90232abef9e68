/** Carries a request to a node's agent as it came, body and answer streaming through; nothing of them is held here. */
import { HOLDER_HEADER, HUB_ORIGIN, HUB_STATE_HEADER } from "../../objects/node-hub/wire.ts";
import { holderOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { nodeHub } from "../objects.ts";
import { offline } from "./ask-agent.ts";

export type Carried = {
  nodeId: string;
  /** Path and query, as the agent knows them. */
  path: string;
  request: Request;
  /** What the node gets to see of the request's headers: nothing that lets anybody in. */
  isPassedOn: (header: string) => boolean;
  /** Headers of ours, over what the request has. */
  own?: Readonly<Record<string, string>>;
};

/** The agent's own answer, also a refusal. Throws `node_offline`. */
export async function carryToAgent(ctx: Context, carry: Carried): Promise<Response> {
  const { nodeId, path, request, isPassedOn, own = {} } = carry;
  const carried = new Request(`${HUB_ORIGIN}/agent${path}`, request);
  for (const name of [...carried.headers.keys()]) if (!isPassedOn(name)) carried.headers.delete(name);
  for (const [name, value] of Object.entries(own)) carried.headers.set(name, value);
  carried.headers.set(HOLDER_HEADER, JSON.stringify(holderOf(ctx.actor)));
  const response = await nodeHub(ctx.env, nodeId)
    .fetch(carried)
    .catch((error: unknown) => {
      throw offline(String(error));
    });
  if (response.headers.has(HUB_STATE_HEADER)) throw offline(await response.text());
  return response;
}
