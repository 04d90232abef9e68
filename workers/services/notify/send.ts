/** Sends a signed notification as Standard Webhooks say. */
import { Webhook } from "standardwebhooks";
import type { Database } from "../../db/database.ts";
import type { Env } from "../../env.ts";
import { ServiceError } from "../error.ts";
import { revealSecret } from "../secret/reveal.ts";
import { refusalOfAddress } from "./address.ts";

export type Notification = { id: string; at: Date; body: unknown };

const TIMEOUT_MS = 15_000;

/** Throws `forbidden` for an address that is not sent to, `unknown_secret`, and plain errors for what may be tried again. */
export async function sendNotification(
  { env, db }: { env: Env; db: Database },
  { url, secret }: { url: string; secret: string },
  { id, at, body }: Notification,
): Promise<void> {
  const refusal = refusalOfAddress(url);
  if (refusal !== undefined) {
    throw new ServiceError("forbidden", `notify.url: ${JSON.stringify(url)} is not sent to: ${refusal}.`, {
      hint: "Give the address of a public server.",
    });
  }
  const text = JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signed(await revealSecret(env, db, secret), secret, { id, at, text }),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  // A redirect could lead to where the address itself may not.
  const response = await fetch(url, { method: "POST", headers, body: text, redirect: "manual", signal });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
}

function signed(value: string, name: string, { id, at, text }: { id: string; at: Date; text: string }): string {
  try {
    return new Webhook(value).sign(id, at, text);
  } catch (error) {
    throw new ServiceError("invalid_input", `notify.secret: the secret ${JSON.stringify(name)} cannot sign.`, {
      hint: "It must be whsec_ and the key as base64.",
      cause: error,
    });
  }
}
