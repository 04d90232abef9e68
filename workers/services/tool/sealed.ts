/**
 * Arguments that hold a secret's value, encrypted: a run stores what it shows, and what it shows has no secrets in it; but
 * what a node is sent must be the same when it is sent again.
 */
import type { Env } from "../../env.ts";
import { decrypt, deriveCipherKey, encrypt } from "../secret/cipher.ts";

export type Arguments = Readonly<Record<string, unknown>>;

/** `runId` binds the text to its run. */
export async function sealArguments(env: Env, runId: string, args: Arguments): Promise<string> {
  return encrypt(await keyOf(env), runId, JSON.stringify(args));
}

export async function openArguments(env: Env, runId: string, sealed: string): Promise<Arguments> {
  return JSON.parse(await decrypt(await keyOf(env), runId, sealed)) as Arguments;
}

function keyOf(env: Env): Promise<CryptoKey> {
  return deriveCipherKey(env.MASTER_KEY, "run arguments", "");
}
