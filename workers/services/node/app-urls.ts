/** App URLs on platforms whose rules may forbid them: off until an admin confirms that this machine's plan allows them. */
import type { AppsConfirmation } from "../../db/nodes.ts";
import { attempt } from "../attempt.ts";
import { nameOfActor } from "../audit/actor.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { nodeHub } from "../objects.ts";
import { readNode } from "./find.ts";
import { appUrlsOf, type NodeRow } from "./show.ts";

/** Throws `apps_not_confirmed` with the platform's rule. */
export async function requireAppUrls({ db }: Context, nodeId: string): Promise<void> {
  const row = await readNode(db, nodeId);
  const { allowed, rule } = appUrlsOf(row);
  if (allowed) return;
  const message = `App URLs of ${JSON.stringify(row.name)} are off until an admin confirms that its plan allows them.`;
  const hint = `${rule} Confirm on the node's page, or PATCH /api/nodes/${nodeId} {"appUrlsConfirmed": true}.`;
  throw new ServiceError("apps_not_confirmed", message, { hint, details: { node: nodeId, rule } });
}

/** What to keep of a confirmation, or null for one taken back. Throws `conflict` where there is nothing to confirm. */
export async function draftConfirmation(
  ctx: Context,
  row: NodeRow,
  isConfirmed: boolean,
): Promise<AppsConfirmation | null> {
  if (!isConfirmed) return null;
  if (!row.facts || appUrlsOf(row).rule === null) {
    throw new ServiceError("conflict", `appUrlsConfirmed: ${JSON.stringify(row.name)} needs no confirmation.`, {
      hint: "Only nodes whose platform has a rule about app URLs (appUrls.rule) do.",
    });
  }
  return { at: ctx.now.toISOString(), by: await nameOfActor(ctx), platform: row.facts.platform };
}

/** Ends what is open at the node's apps, unless they may be open. A hub that missed it does so at the node's next facts. */
export async function endForbiddenApps({ db, env }: Context, nodeId: string): Promise<void> {
  if (appUrlsOf(await readNode(db, nodeId)).allowed) return;
  const failure = await attempt(() => nodeHub(env, nodeId).revoke({ by: "apps" }));
  if (failure !== undefined) console.error(`open apps of ${nodeId} not ended`, failure);
}
