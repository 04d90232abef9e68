/** Where a request came from. Cloudflare says it; behind the local start nothing is known of it. */
export function clientAddress(request: Request): string | null {
  return request.headers.get("cf-connecting-ip")?.slice(0, 64) ?? null;
}
