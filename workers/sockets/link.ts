/** `/link`: where agents dial in. A bad key is refused before any object is touched (SPEC HS2). */
import { openDatabase } from "../db/database.ts";
import type { Env } from "../env.ts";
import { errorAnswer } from "../ingress/pages.ts";
import { HUB_ORIGIN } from "../objects/node-hub/wire.ts";
import { authenticateNode } from "../services/node/authenticate.ts";
import { isUpgrade } from "../upgrade.ts";

export async function handleLink(request: Request, env: Env): Promise<Response> {
  if (!isUpgrade(request))
    return errorAnswer(426, "invalid_input", "/link speaks WebSocket only.", "Start a worker agent.");
  const key = /^Bearer (\S+)$/.exec(request.headers.get("Authorization") ?? "")?.[1];
  const node = key ? await authenticateNode(openDatabase(env.DB), key) : undefined;
  if (!node) {
    const hint = "Make a join token in the dashboard and join again with it.";
    return errorAnswer(401, "unauthenticated", "This node key is not known here.", hint);
  }
  return env.NODE_HUB.getByName(node.nodeId).fetch(`${HUB_ORIGIN}/link`, { headers: { Upgrade: "websocket" } });
}
