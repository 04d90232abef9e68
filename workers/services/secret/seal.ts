/** Seals and opens secrets: AES-256-GCM, a fresh nonce each time, and the secret's name as additional data. */
import { base64url, fromBase64url } from "@roundhouse/protocol/ids";
import { ServiceError } from "../error.ts";
import { deriveKey, type MasterKeys } from "./key.ts";

const NONCE_BYTES = 12;
const encoder = new TextEncoder();

export type Sealed = { name: string; keyId: string; sealed: string };

/** Nonce and ciphertext as base64url. A row that was moved to another name does not open. */
export async function seal(keys: MasterKeys, keyId: string, name: string, value: string): Promise<Sealed> {
  const key = await deriveKey(keys, keyId);
  if (!key) throw lostKey(name);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const params = { name: "AES-GCM", iv: nonce, additionalData: encoder.encode(name) };
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(params, key, encoder.encode(value)));
  const whole = new Uint8Array(NONCE_BYTES + ciphertext.length);
  whole.set(nonce);
  whole.set(ciphertext, NONCE_BYTES);
  return { name, keyId, sealed: base64url(whole) };
}

/** Throws `conflict` for what was sealed under a master key that is not here, or was changed since. */
export async function open(keys: MasterKeys, { name, keyId, sealed }: Sealed): Promise<string> {
  const key = await deriveKey(keys, keyId);
  if (!key) throw lostKey(name);
  const whole = fromBase64url(sealed);
  const params = { name: "AES-GCM", iv: whole.slice(0, NONCE_BYTES), additionalData: encoder.encode(name) };
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(params, key, whole.slice(NONCE_BYTES)));
  } catch (error) {
    throw new ServiceError("conflict", `The secret ${JSON.stringify(name)} is damaged and cannot be opened.`, {
      hint: `Set its value anew: PUT /api/secrets/${name}.`,
      cause: error,
    });
  }
}

function lostKey(name: string): ServiceError {
  return new ServiceError("conflict", `The secret ${JSON.stringify(name)} was sealed under another MASTER_KEY.`, {
    hint: `Start with MASTER_KEY_PREVIOUS set to that one and rotate, or set it anew: PUT /api/secrets/${name}.`,
  });
}
