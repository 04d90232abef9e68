/** Secrets in the database, as webhooks are signed with them. */
import { type Harness, PRESET_KEY } from "./harness.ts";

let count = 0;

export function randomSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))}`;
}

/** Makes a secret and answers its name. */
export async function makeSecret(h: Harness, value = randomSecret()): Promise<string> {
  count += 1;
  const name = `SECRET_${count}`;
  const { status, text } = await h.send("POST", "/api/secrets", { as: PRESET_KEY, body: { name, value } });
  if (status !== 201) throw new Error(`the secret was answered with ${status}: ${text}`);
  return name;
}
