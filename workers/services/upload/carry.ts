/** Carries a request of the tus protocol to the instance's node, whose agent is the tus server (SPEC UP2). */
import type { Context } from "../context.ts";
import { readInstance } from "../instance/read.ts";
import { tooOld } from "../node/ask-agent.ts";
import { carryToAgent } from "../node/carry.ts";

const PASSED_ON = new Set(["content-type", "content-length", "tus-resumable"]);
const isPassedOn = (name: string): boolean => PASSED_ON.has(name) || name.startsWith("upload-");

/** The node's answer, also a refusal. Throws `not_found`, `node_offline`, and `conflict` for an agent that is too old. */
export async function carryUpload(
  ctx: Context,
  instanceId: string,
  uploadId: string | null,
  request: Request,
): Promise<Response> {
  const { id, nodeId } = await readInstance(ctx.db, instanceId);
  const path = `/instances/${id}/uploads${uploadId === null ? "" : `/${encodeURIComponent(uploadId)}`}`;
  const response = await carryToAgent(ctx, { nodeId, path, request, isPassedOn });
  if (!response.headers.has("tus-resumable")) throw tooOld("uploads");
  const answer = new Response(response.body, response);
  const location = answer.headers.get("location");
  if (location !== null) answer.headers.set("location", `/api${location}`);
  return answer;
}
