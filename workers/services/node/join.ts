/** Exchanges a join token for a node. Checked in two steps: the token before the body is read, then both together. */
import { and, eq, getTableColumns, gt, sql, type SQL } from "drizzle-orm";
import type { Joined, JoinInput } from "@roundhouse/protocol/api/join";
import { newId } from "@roundhouse/protocol/ids";
import { DEFAULT_PORT_POOL } from "@roundhouse/protocol/limits";
import { joinTokens } from "../../db/join-tokens.ts";
import { joinTokenUses } from "../../db/join-token-uses.ts";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { freeName } from "../free-name.ts";
import { type CheckedToken, deadTokenError, unknownToken } from "../join-token/check.ts";
import { initialPolicy } from "./policy.ts";

const ATTEMPTS = 5;
type Known = { id: string; name: string };

/** The same token with the same key hash is the same join, however often it is sent and even when its uses are spent. */
export async function joinNode(ctx: Context, token: CheckedToken, input: JoinInput): Promise<Joined> {
  const known = await findJoined(ctx, token, input.keyHash);
  if (known) {
    await takeCeiling(ctx, known, input.policyCeiling);
    return joined(ctx, known);
  }
  const dead = deadTokenError(token, ctx.now);
  if (dead) throw dead;
  const made = await makeNode(ctx, token, input);
  await publishChange(ctx, "node", made.id);
  await publishChange(ctx, "join-token", token.id);
  return joined(ctx, made);
}

function joined({ env }: Context, { id, name }: Known): Joined {
  return { id, name, url: new URL(env.PUBLIC_URL).origin };
}

/** The machine's owner says it; the node itself holds each call to it, whatever is shown here. */
async function takeCeiling(ctx: Context, { id }: Known, policyCeiling: JoinInput["policyCeiling"]): Promise<void> {
  if (policyCeiling === undefined) return;
  await ctx.db.update(nodes).set({ policyCeiling }).where(eq(nodes.id, id));
  await publishChange(ctx, "node", id);
}

/**
 * The node of an earlier join with this key. With a living token any token will do: the same agent was started once more
 * with a new one. With a dead one it must be the token it joined with.
 */
async function findJoined(ctx: Context, token: CheckedToken, keyHash: string): Promise<Known | undefined> {
  const isSameJoin = and(eq(joinTokenUses.nodeId, nodes.id), eq(joinTokenUses.tokenId, token.id));
  const [row] = await ctx.db
    .select({ id: nodes.id, name: nodes.name, usedAt: joinTokenUses.usedAt })
    .from(nodes)
    .leftJoin(joinTokenUses, isSameJoin)
    .where(eq(nodes.keyHash, keyHash));
  if (!row || (row.usedAt === null && deadTokenError(token, ctx.now))) return undefined;
  return row;
}

async function makeNode(ctx: Context, token: CheckedToken, input: JoinInput): Promise<Known> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const node = await draftNode(ctx, input);
    try {
      await ctx.db.batch(joinStatements(ctx, token, node));
    } catch (error) {
      // Another join took the name, or the same join runs twice at this moment: look again.
      if (!isUniqueViolation(error, "nodes")) throw error;
    }
    const made = await findJoined(ctx, token, input.keyHash);
    if (made) return made;
    await refuseSpent(ctx, token, input.keyHash);
  }
  throw new ServiceError("conflict", "The node could not be added, because others are joining at the same time.", {
    hint: "Run the same command again.",
  });
}

/** Why no node came of it; returns when only a name was taken and another try may work. */
async function refuseSpent(ctx: Context, token: CheckedToken, keyHash: string): Promise<void> {
  const [left] = await ctx.db.select().from(joinTokens).where(eq(joinTokens.id, token.id));
  const dead = left ? deadTokenError(left, ctx.now) : unknownToken();
  if (dead) throw dead;
  const isSameUse = and(eq(joinTokenUses.tokenId, token.id), eq(joinTokenUses.keyHash, keyHash));
  const [use] = await ctx.db.select().from(joinTokenUses).where(isSameUse);
  if (!use) return;
  throw new ServiceError("join_token_used", "This machine joined with this token before, and was removed since.", {
    hint: "Make a new join token under Nodes to let it in again.",
  });
}

async function draftNode(ctx: Context, input: JoinInput): Promise<typeof nodes.$inferSelect> {
  const names = await ctx.db.select({ name: nodes.name }).from(nodes);
  const { portPool = DEFAULT_PORT_POOL } = input;
  return {
    id: newId("node"),
    name: freeName(input.name, names),
    keyHash: input.keyHash,
    labels: input.labels,
    policy: initialPolicy(input.policyCeiling),
    policyCeiling: input.policyCeiling ?? null,
    portFirst: portPool.first,
    portLast: portPool.last,
    online: false,
    lastSeenAt: null,
    notice: null,
    unknownCounts: null,
    facts: null,
    agentVersion: null,
    unknownInstances: [],
    createdAt: ctx.now,
    appsConfirmation: null,
  };
}

/** One transaction; the second and third statement act only if the first one took a use for this very node. */
function joinStatements({ db, now }: Context, { id: tokenId }: CheckedToken, node: typeof nodes.$inferSelect) {
  const taken = sql`EXISTS (SELECT 1 FROM ${joinTokenUses} WHERE ${joinTokenUses.tokenId} = ${tokenId}
    AND ${joinTokenUses.nodeId} = ${node.id})`;
  const living = and(eq(joinTokens.id, tokenId), gt(joinTokens.usesLeft, 0), gt(joinTokens.expiresAt, now));
  const use = db
    .select({
      tokenId: joinTokens.id,
      keyHash: sql<string>`${node.keyHash}`.as("key_hash"),
      nodeId: sql<string>`${node.id}`.as("node_id"),
      usedAt: sql<Date>`${now.getTime()}`.as("used_at"),
    })
    .from(joinTokens)
    .where(living);
  return [
    db.insert(joinTokenUses).select(use).onConflictDoNothing(),
    db
      .update(joinTokens)
      .set({ usesLeft: sql`${joinTokens.usesLeft} - 1` })
      .where(and(eq(joinTokens.id, tokenId), taken)),
    db.insert(nodes).select(sql`SELECT ${sql.join(valuesOf(node), sql`, `)} WHERE ${taken}`),
  ] as const;
}

/** In the order of the table's columns, which is the order drizzle inserts a selection in. */
function valuesOf(node: typeof nodes.$inferSelect): SQL[] {
  const columns = Object.entries(getTableColumns(nodes));
  return columns.map(([field, column]) => sql`${sql.param(node[field as keyof typeof node], column)}`);
}
