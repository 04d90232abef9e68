/** Carries a request of the tus protocol to the instance's node, whose agent is the tus server; bodies stream through (SPEC UP2). */
import { HOLDER_HEADER, HUB_ORIGIN, HUB_STATE_HEADER } from "../../objects/node-hub/wire.ts";
import { holderOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { readInstance } from "../instance/read.ts";
import { offline, tooOld } from "../node/ask-agent.ts";
import { nodeHub } from "../objects.ts";

/** What the node gets to see of the request's headers: nothing that lets anybody in. */
const PASSED_ON = new Set(["content-type", "content-length", "tus-resumable"]);

/** The node's answer, also a refusal. Throws `not_found`, `node_offline`, and `conflict` for an agent that is too old. */
export async function carryUpload(
  ctx: Context,
  instanceId: string,
  uploadId: string | null,
  request: Request,
): Promise<Response> {
  const { id, nodeId } = await readInstance(ctx.db, instanceId);
  const path = `/instances/${id}/uploads${uploadId === null ? "" : `/${encodeURIComponent(uploadId)}`}`;
  const response = await nodeHub(ctx.env, nodeId)
    .fetch(toAgent(ctx, path, request))
    .catch((error: unknown) => {
      throw offline(String(error));
    });
  if (response.headers.has(HUB_STATE_HEADER)) throw offline(await response.text());
  if (!response.headers.has("tus-resumable")) throw tooOld("uploads");
  const answer = new Response(response.body, response);
  const location = answer.headers.get("location");
  if (location !== null) answer.headers.set("location", `/api${location}`);
  return answer;
}

function toAgent(ctx: Context, path: string, request: Request): Request {
  const carried = new Request(`${HUB_ORIGIN}/agent${path}`, request);
  for (const name of [...carried.headers.keys()]) {
    if (!PASSED_ON.has(name) && !name.startsWith("upload-")) carried.headers.delete(name);
  }
  carried.headers.set(HOLDER_HEADER, JSON.stringify(holderOf(ctx.actor)));
  return carried;
}
