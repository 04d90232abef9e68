/** The text a new node shows once. It carries the control plane's address, so that one argument is enough to join. */
import { base64url, fromBase64url } from "./ids.ts";

export type JoinToken = { url: string; secret: string };

/** `<secret>.<base64url of the URL>`: the secret first, so that the known prefix stays in front. */
export function encodeJoinToken({ url, secret }: JoinToken): string {
  return `${secret}.${base64url(new TextEncoder().encode(url))}`;
}

/** The parts of a join token; undefined when the text is not one. */
export function decodeJoinToken(text: string): JoinToken | undefined {
  const match = /^(rhj_[A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]+)$/.exec(text.trim());
  if (!match?.[1] || !match[2]) return undefined;
  try {
    const url = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBase64url(match[2]));
    return { url: new URL(url).origin, secret: match[1] };
  } catch (error) {
    // atob, the decoder and URL throw on text that no control plane ever made.
    if (error instanceof TypeError || error instanceof DOMException) return undefined;
    throw error;
  }
}
