/** Whether a message is signed as Standard Webhooks say, with one of some secrets. */
import { Webhook, WebhookVerificationError } from "standardwebhooks";

export type Message = { id: string; timestamp: string; signature: string; body: string };

const SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/;
/** Stands in where there is no secret: a name that nobody has takes as long to refuse as a wrong signature. */
const NOBODYS_SECRET = `whsec_${btoa("no message is signed with this")}`;
/** As many as a trigger can have. */
const SECRETS_TRIED = 2;

export function isWebhookSecret(value: string): boolean {
  return SECRET.test(value);
}

/** Every secret is tried, whatever came of the ones before. Also false for a message that is older or newer than 5 minutes. */
export function isSigned(message: Message, secrets: readonly string[]): boolean {
  const padding = Array.from({ length: Math.max(0, SECRETS_TRIED - secrets.length) }, () => NOBODYS_SECRET);
  const isGood = secrets.map((secret) => isSignedWith(message, secret));
  for (const secret of padding) isSignedWith(message, secret);
  return isGood.includes(true);
}

function isSignedWith({ id, timestamp, signature, body }: Message, secret: string): boolean {
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}
