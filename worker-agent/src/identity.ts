/** Who this node is: its id, its control plane and its own key, kept at mode 0600. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { hashSecret, newSecret } from "@roundhouse/protocol/ids";
import { Policy } from "@roundhouse/protocol/policy";
import type { DataRoot } from "./host/data-root.ts";
import { isErrno, writeDurably } from "./keeper/durable-file.ts";

const Identity = z.object({
  /** null until the join is confirmed: the key is made and saved first, so that a repeated join is the same join. */
  id: z.string().nullable(),
  url: z.url(),
  key: z.string(),
  /** What tools may do here at most, as the machine's owner said at the join; null: nobody said. */
  ceiling: Policy.nullable().default(null),
  /** Folders that its owner lets containers have, with all below them. */
  mounts: z.array(z.string()).default([]),
});
export type Identity = z.infer<typeof Identity>;

export async function readIdentity(root: DataRoot): Promise<Identity | undefined> {
  try {
    return Identity.parse(JSON.parse(await readFile(root.nodeFile, "utf8")));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw new Error(`${root.nodeFile} cannot be read as this node's identity; move it away to join anew`, {
      cause: error,
    });
  }
}

export async function writeIdentity(root: DataRoot, identity: Identity): Promise<void> {
  await writeDurably(root.nodeFile, identity);
}

export function newIdentity(url: string): Identity {
  return { id: null, url, key: newSecret("nodeKey"), ceiling: null, mounts: [] };
}

export function keyHashOf(identity: Identity): Promise<string> {
  return hashSecret(identity.key);
}
