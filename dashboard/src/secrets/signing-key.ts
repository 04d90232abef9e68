/** A key for webhooks, made in this browser: `whsec_` and 32 random bytes, as Standard Webhooks have them. */

const KEY_BYTES = 32;

export function newSigningKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}
