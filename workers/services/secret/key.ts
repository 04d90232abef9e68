/** The keys that secrets are sealed with: derived from the master key and a key id, and never stored. */
import { base64url } from "@roundhouse/protocol/ids";
import type { Env } from "../../env.ts";

export type MasterKeys = Pick<Env, "MASTER_KEY" | "MASTER_KEY_PREVIOUS">;

const encoder = new TextEncoder();
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
  for (const master of [keys.MASTER_KEY, keys.MASTER_KEY_PREVIOUS]) {
    if (master !== undefined && keyId.startsWith((await markOf(master)) + SEPARATOR)) return hkdf(master, keyId);
  }
  return undefined;
}

async function hkdf(master: string, keyId: string): Promise<CryptoKey> {
  const params = { ...paramsOf("roundhouse secrets"), salt: encoder.encode(keyId) };
  const algorithm = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(params, await inputOf(master), algorithm, false, ["encrypt", "decrypt"]);
}

async function markOf(master: string): Promise<string> {
  const params = { ...paramsOf("roundhouse key id"), salt: new Uint8Array() };
  const bits = await crypto.subtle.deriveBits(params, await inputOf(master), MARK_BYTES * 8);
  return base64url(new Uint8Array(bits));
}

function paramsOf(purpose: string) {
  return { name: "HKDF", hash: "SHA-256", info: encoder.encode(purpose) };
}

function inputOf(master: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encoder.encode(master), "HKDF", false, ["deriveKey", "deriveBits"]);
}
