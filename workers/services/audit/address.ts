/** Where a request came from, as far as it can be known. */
import type { Env } from "../../env.ts";

const UNKNOWN = "unknown";

/**
 * Cloudflare says it in a header of its own, which nobody else can set there. The local start is told nothing by its runtime,
 * and there everybody can set that header: what holds for all clients stands in its place.
 */
export function clientAddress({ CLIENT_ADDRESS }: Pick<Env, "CLIENT_ADDRESS">, request: Request): string {
  return CLIENT_ADDRESS ?? request.headers.get("cf-connecting-ip")?.slice(0, 64) ?? UNKNOWN;
}
