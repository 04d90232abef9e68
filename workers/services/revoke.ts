/** Ends what a user, session, key or share holds open: grants, streams and sockets of nodes, and the feed. */
import { nodes } from "../db/nodes.ts";
import type { RevokeSelector } from "../objects/node-hub/rpc.ts";
import { attempt } from "./attempt.ts";
import type { Context } from "./context.ts";
import { ServiceError } from "./error.ts";
import { liveFeed, nodeHub } from "./objects.ts";

/** Everywhere. Called after the row is gone, so nothing new can be opened meanwhile. */
export async function revokeEverywhere(ctx: Context, selector: RevokeSelector): Promise<void> {
  const rows = await ctx.db.select({ id: nodes.id }).from(nodes);
  const targets = [
    () => liveFeed(ctx.env).revoke(selector),
    ...rows.map(
      ({ id }) =>
        () =>
          nodeHub(ctx.env, id).revoke(selector),
    ),
  ];
  await carryOut(targets);
}

/** At one node, for what is known to be held there only. */
export async function revokeAt(ctx: Context, nodeId: string, selector: RevokeSelector): Promise<void> {
  await carryOut([() => nodeHub(ctx.env, nodeId).revoke(selector)]);
}

async function carryOut(calls: (() => Promise<void>)[]): Promise<void> {
  const failures = (await Promise.all(calls.map(attempt))).filter((failure) => failure !== undefined);
  if (failures.length === 0) return;
  throw new ServiceError("internal", "Access was revoked, but not every open connection could be closed.", {
    hint: "New connections are refused already. The log of the server names what did not answer.",
    cause: failures[0],
  });
}
