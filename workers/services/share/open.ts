/** What a share's link is worth: a grant of its app in the node's hub, for as long as the share lives (SPEC AC9). */
import { and, eq, gt, isNull } from "drizzle-orm";
import { hashSecret } from "@roundhouse/protocol/ids";
import type { PortKey } from "@roundhouse/protocol/ports";
import { type Database, openDatabase } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { nodes } from "../../db/nodes.ts";
import { shares } from "../../db/shares.ts";
import { users } from "../../db/users.ts";
import type { Env } from "../../env.ts";
import { isAt } from "../instance/route.ts";
import { appUrlsOf } from "../node/show.ts";
import { nodeHub } from "../objects.ts";

/** The host that a link was followed to. */
type Target = { label: string; slug: string; port: PortKey };
export type OpenedShare = { nodeId: string; instanceId: string; path: string; secret: string; maxAgeSeconds: number };

/** Undefined for a link that is wrong, expired or revoked. A link opens as often as it is followed. */
export async function openShare(
  env: Env,
  { label, slug, port }: Target,
  key: string,
): Promise<OpenedShare | undefined> {
  // A guess costs a look-up only when it has the right shape.
  if (!/^rhs_[A-Za-z0-9_-]{43}$/.test(key)) return undefined;
  const db = openDatabase(env.DB);
  const now = new Date();
  const found = await findLiving(db, { slug, port }, key, now);
  if (!found) return undefined;
  const { share, nodeId } = found;
  const { id: shareId, instanceId, path, userId, keyId, expiresAt } = share;
  const secret = await grantSecretOf(key);
  const secretHash = await hashSecret(secret);
  const hub = nodeHub(env, nodeId);
  await hub.admitShare({ shareId, instanceId, slug: label, userId, keyId, expiresAt: expiresAt.getTime(), secretHash });
  if (!(await touch(db, shareId, now))) {
    // Revoked while it was opened: the revocation may have met the hub before the grant did.
    await hub.revoke({ by: "share", shareId });
    return undefined;
  }
  const maxAgeSeconds = Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
  return { nodeId, instanceId, path, secret, maxAgeSeconds };
}

/** Everybody who follows the link gets the same grant: it is worth what the link is, and crawlers do not pile up rows. */
async function grantSecretOf(key: string): Promise<string> {
  return `rhg_${await hashSecret(`grant of ${key}`)}`;
}

/** Its instance must be there, its node's apps allowed, and its maker still one who may share. */
async function findLiving(db: Database, { slug, port }: Omit<Target, "label">, key: string, now: Date) {
  const isShare = and(eq(shares.secretHash, await hashSecret(key)), gt(shares.expiresAt, now));
  const isOfPort = port === null ? isNull(shares.port) : eq(shares.port, String(port));
  const [row] = await db
    .select({ share: shares, node: nodes, role: users.role, banned: users.banned })
    .from(shares)
    .innerJoin(instances, eq(instances.id, shares.instanceId))
    .innerJoin(nodes, eq(nodes.id, instances.nodeId))
    .leftJoin(users, eq(users.id, shares.userId))
    .where(and(isShare, isOfPort, isAt(slug), isNull(instances.deletedAt)));
  if (!row || row.banned || row.role === "viewer" || !appUrlsOf(row.node).allowed) return undefined;
  return { share: row.share, nodeId: row.node.id };
}

/** False when the share is gone. */
async function touch(db: Database, id: string, now: Date): Promise<boolean> {
  const touched = await db
    .update(shares)
    .set({ lastUsedAt: now })
    .where(eq(shares.id, id))
    .returning({ id: shares.id });
  return touched.length > 0;
}
