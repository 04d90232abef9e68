/**
 * Arguments that hold a secret's value, encrypted: a run stores what it shows, and what it shows has no secrets in it; but
 * what a node is sent must be the same when it is sent again.
 */
import { base64url, fromBase64url } from "@roundhouse/protocol/ids";
import type { Env } from "../../env.ts";

export type Arguments = Readonly<Record<string, unknown>>;

const NONCE_BYTES = 12;

/** `runId` binds the text to its run. */
export async function sealArguments(env: Env, runId: string, args: Arguments): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const text = new TextEncoder().encode(JSON.stringify(args));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm(nonce, runId), await keyOf(env), text));
  return base64url(Uint8Array.from([...nonce, ...sealed]));
}

export async function openArguments(env: Env, runId: string, sealed: string): Promise<Arguments> {
  const bytes = fromBase64url(sealed);
  const nonce = Uint8Array.from(bytes.subarray(0, NONCE_BYTES));
  const text = await crypto.subtle.decrypt(
    algorithm(nonce, runId),
    await keyOf(env),
    Uint8Array.from(bytes.subarray(NONCE_BYTES)),
  );
  return JSON.parse(new TextDecoder().decode(text)) as Arguments;
}

function algorithm(iv: Uint8Array<ArrayBuffer>, runId: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(runId) };
}

async function keyOf(env: Env): Promise<CryptoKey> {
  const encoder = new TextEncoder();
  const root = await crypto.subtle.importKey("raw", encoder.encode(env.MASTER_KEY), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode("run arguments") };
  return crypto.subtle.deriveKey(derivation, root, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
