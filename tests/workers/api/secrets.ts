/** Secrets in the database, as webhooks are signed with them. */
import { secrets } from "../../../workers/db/secrets.ts";
import type { Harness } from "./harness.ts";

let count = 0;

export function randomSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))}`;
}

/** Makes a secret and answers its name. */
export async function makeSecret(h: Harness, value = randomSecret()): Promise<string> {
  count += 1;
  const name = `SECRET_${count}`;
  const now = new Date();
  await h.db.insert(secrets).values({ name, keyId: "stand-in", sealed: value, createdAt: now, updatedAt: now });
  return name;
}
