/** AES-256-GCM over text, with a fresh nonce each time; and the keys for it, derived from the master key. */
import { base64url, fromBase64url } from "@roundhouse/protocol/ids";

const NONCE_BYTES = 12;
const encoder = new TextEncoder();

/** Nonce and ciphertext as base64url. `bound` is what the text belongs to: under another one it does not open. */
export async function encrypt(key: CryptoKey, bound: string, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const ciphertext = await crypto.subtle.encrypt(algorithm(nonce, bound), key, encoder.encode(text));
  return base64url(Uint8Array.from([...nonce, ...new Uint8Array(ciphertext)]));
}

/** Throws `OperationError` for what was changed, or belongs to something else. */
export async function decrypt(key: CryptoKey, bound: string, sealed: string): Promise<string> {
  const whole = Uint8Array.from(fromBase64url(sealed));
  const params = algorithm(whole.slice(0, NONCE_BYTES), bound);
  return new TextDecoder().decode(await crypto.subtle.decrypt(params, key, whole.slice(NONCE_BYTES)));
}

/** By HKDF-SHA256: `purpose` keeps keys for different things apart, `salt` those for the same. */
export async function deriveCipherKey(master: string, purpose: string, salt: string): Promise<CryptoKey> {
  const algorithm = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(hkdfParams(purpose, salt), await hkdfInput(master), algorithm, false, [
    "encrypt",
    "decrypt",
  ]);
}

/** Bytes of the same origin, for marks that tell nothing of the master key. */
export async function deriveBytes(master: string, purpose: string, bytes: number): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.deriveBits(hkdfParams(purpose, ""), await hkdfInput(master), bytes * 8));
}

function algorithm(iv: Uint8Array<ArrayBuffer>, bound: string) {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(bound) };
}

function hkdfParams(purpose: string, salt: string) {
  return { name: "HKDF", hash: "SHA-256", info: encoder.encode(purpose), salt: encoder.encode(salt) };
}

function hkdfInput(master: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encoder.encode(master), "HKDF", false, ["deriveKey", "deriveBits"]);
}
