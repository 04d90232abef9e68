/** Headers that pass from one connection to another: what belongs to one stays on it (RFC 9110 §7.6.1). */
import { CONNECTION_HEADERS } from "../link/connection-headers.ts";

export function passedOn(headers: Headers): [string, string][] {
  const named = (headers.get("connection") ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  return [...headers].filter(([name]) => !CONNECTION_HEADERS.has(name) && !named.includes(name));
}

/**
 * Compressed answers are not asked for: their pieces would wait in the compressor. A server that is told to close may answer
 * before it took the body, and take its answer away with the connection.
 */
export const OWN_HEADERS = { "accept-encoding": "identity", connection: "keep-alive" } as const;
