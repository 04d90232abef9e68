/** Headers between a caller and a provider: what belongs to one connection stays on it (RFC 9110 §7.6.1). */
import { CONNECTION_HEADERS } from "../link/connection-headers.ts";

/**
 * `Authorization` passes. Compressed answers are not asked for: their pieces would wait in the compressor. A server that is
 * told to close may answer before it took the body, and take its answer away with the connection.
 */
export function requestHeaders({ headers }: Request): Record<string, string> {
  const own = { "accept-encoding": "identity", connection: "keep-alive" };
  return { ...Object.fromEntries(passedOn(headers)), ...own };
}

export function answerHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return new Headers(passedOn(headers));
}

function passedOn(headers: Headers): [string, string][] {
  const named = (headers.get("connection") ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  return [...headers].filter(([name]) => !CONNECTION_HEADERS.has(name) && !named.includes(name));
}
