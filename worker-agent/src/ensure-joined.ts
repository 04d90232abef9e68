/** Makes this machine a node of the pool, unless it is one. */
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { limitedModeFor } from "./host/data-mode.ts";
import type { DataRoot } from "./host/data-root.ts";
import { type Identity, keyHashOf, newIdentity, readIdentity, writeIdentity } from "./identity.ts";
import { join, JoinRefused } from "./join.ts";
import { log } from "./log.ts";
import type { JoinOptions } from "./options.ts";

/** Answers who this node is, after a join if need be. Throws {@link JoinRefused}. */
export async function ensureJoined(root: DataRoot, options: JoinOptions): Promise<Identity> {
  const before = await readIdentity(root);
  const { token } = options;
  if (!token) {
    if (before?.id) return withOwnersWord(root, before, options);
    throw new JoinRefused("this machine is not a node yet; start with --token (dashboard: Add a node)");
  }
  const url = options.url ?? token.url;
  // A node that shows a token for the pool it is already in stays the node it is. The pool learns of another ceiling.
  const isSame = options.ceiling === undefined || isDeepStrictEqual(options.ceiling, before?.ceiling);
  if (before?.id && before.url === url && isSame) return withOwnersWord(root, before, options);
  // The key is kept: a pool that knows it answers with the same node (its address changed), another one makes a new node.
  const kept = before ? { ...before, url } : newIdentity(url);
  const draft = { ...kept, ceiling: options.ceiling ?? kept.ceiling, mounts: options.mounts ?? kept.mounts };
  if (!before) await keepIdentity(root, draft);
  const name = options.name ?? (hostname() || "node");
  const { labels, portPool } = options;
  const policyCeiling = draft.ceiling ?? undefined;
  const joined = await join(url, token, { keyHash: await keyHashOf(draft), name, labels, portPool, policyCeiling });
  const identity: Identity = { ...draft, id: joined.id };
  await keepIdentity(root, identity);
  log(`joined ${url} as “${joined.name}” (${joined.id})`);
  return identity;
}

/** The machine's owner has the last word, also where the pool cannot be told: the node holds each call to it. */
async function withOwnersWord(root: DataRoot, before: Identity, options: JoinOptions): Promise<Identity> {
  const { ceiling = before.ceiling, mounts = before.mounts } = options;
  const changed = { ...before, ceiling, mounts };
  if (isDeepStrictEqual(changed, before)) return before;
  await keepIdentity(root, changed);
  return changed;
}

/** A disk that takes nothing keeps no node from serving: it goes on as who it is until its process ends. */
export async function keepIdentity(root: DataRoot, identity: Identity): Promise<void> {
  try {
    await writeIdentity(root, identity);
  } catch (error) {
    const { reason } = limitedModeFor(error, root.path);
    log(`who this node is could not be saved: ${reason}`);
  }
}
