/** Secrets derived from the master key, and comparing secrets without a timing hint. */
import { base64url, hashSecret } from "@roundhouse/protocol/ids";
import type { Env } from "../env.ts";

/**
 * The origin-bound proof of a session: HMAC-SHA256 with the text of MASTER_KEY as key, over `proof:<session token>`. The
 * session cookie is sent by every page of the site; the proof lies in the dashboard's localStorage alone.
 */
export function sessionProof(env: Env, sessionToken: string): Promise<string> {
  return derive(env, `proof:${sessionToken}`);
}

/** The bearer of the machine's own start script: the same HMAC over `local`. */
export function localKey(env: Env): Promise<string> {
  return derive(env, "local");
}

/** Compares digests, which have one length, in constant time. */
export async function sameSecret(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([hashSecret(one), hashSecret(other)]);
  const encoder = new TextEncoder();
  return crypto.subtle.timingSafeEqual(encoder.encode(left), encoder.encode(right));
}

async function derive(env: Env, purpose: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(env.MASTER_KEY), algorithm, false, ["sign"]);
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(purpose))));
}
