/** Seals and opens secrets, each bound to its name. */
import { ServiceError } from "../error.ts";
import { decrypt, encrypt } from "./cipher.ts";
import { deriveKey, type MasterKeys } from "./key.ts";

export type Sealed = { name: string; keyId: string; sealed: string };

/** Nonce and ciphertext as base64url. A row that was moved to another name does not open. */
export async function seal(keys: MasterKeys, keyId: string, name: string, value: string): Promise<Sealed> {
  const key = await deriveKey(keys, keyId);
  if (!key) throw lostKey(name);
  return { name, keyId, sealed: await encrypt(key, name, value) };
}

/** Throws `conflict` for what was sealed under a master key that is not here, or was changed since. */
export async function open(keys: MasterKeys, { name, keyId, sealed }: Sealed): Promise<string> {
  const key = await deriveKey(keys, keyId);
  if (!key) throw lostKey(name);
  try {
    return await decrypt(key, name, sealed);
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
