/** The keys that secrets are sealed with: derived from the master key and a key id, and never stored. */
import { base64url } from "@roundhouse/protocol/ids";
import type { Env } from "../../env.ts";
import { deriveBytes, deriveCipherKey } from "./cipher.ts";

export type MasterKeys = Pick<Env, "MASTER_KEY" | "MASTER_KEY_PREVIOUS">;

/** The present one, and the former one while it is being replaced. */
export function mastersOf({ MASTER_KEY, MASTER_KEY_PREVIOUS }: MasterKeys): string[] {
  return MASTER_KEY_PREVIOUS === undefined ? [MASTER_KEY] : [MASTER_KEY, MASTER_KEY_PREVIOUS];
}

const MARK_BYTES = 6;
const SEPARATOR = ".";

/** A new key id, `<mark of the master key>.<random>`: it tells under which master key it is, and nothing about it. */
export async function newKeyId({ MASTER_KEY }: MasterKeys): Promise<string> {
  const random = crypto.getRandomValues(new Uint8Array(9));
  return `${await markOf(MASTER_KEY)}${SEPARATOR}${base64url(random)}`;
}

/** Whether a key id is one of the present master key. */
export async function isOfPresent({ MASTER_KEY }: MasterKeys, keyId: string): Promise<boolean> {
  return keyId.startsWith((await markOf(MASTER_KEY)) + SEPARATOR);
}

/** The AES-256-GCM key of a key id; undefined when it is under a master key that is not here any more. */
export async function deriveKey(keys: MasterKeys, keyId: string): Promise<CryptoKey | undefined> {
  for (const master of mastersOf(keys)) {
    if (!keyId.startsWith((await markOf(master)) + SEPARATOR)) continue;
    return deriveCipherKey(master, "roundhouse secrets", keyId);
  }
  return undefined;
}

async function markOf(master: string): Promise<string> {
  return base64url(await deriveBytes(master, "roundhouse key id", MARK_BYTES));
}
