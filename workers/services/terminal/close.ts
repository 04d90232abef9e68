/** Ends a terminal for good, with all that was started in it. */
import { HUB_ORIGIN } from "../../objects/node-hub/wire.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readInstance } from "../instance/read.ts";
import { offline } from "../node/ask-agent.ts";
import { nodeHub } from "../objects.ts";

/** Resolves when nothing of it is left. Throws `not_found` and `node_offline`. */
export async function closeTerminal(ctx: Context, instanceId: string, terminalId: string): Promise<void> {
  const { id, nodeId } = await readInstance(ctx.db, instanceId);
  const path = `/agent/instances/${id}/terminals/${encodeURIComponent(terminalId)}`;
  const response = await nodeHub(ctx.env, nodeId).fetch(new Request(HUB_ORIGIN + path, { method: "DELETE" }));
  if (response.ok) return;
  const detail = await response.text();
  if (response.status !== 404) throw offline(detail);
  throw new ServiceError("not_found", `There is no terminal ${JSON.stringify(terminalId)}.`, {
    hint: `GET /api/instances/${id}/terminals lists them.`,
  });
}
