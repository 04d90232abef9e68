/** A JSON answer that says its length, so that a small one travels in one frame (SPEC ST5). */
export function wholeJson(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const own = { "content-type": "application/json", "content-length": String(bytes.length) };
  return new Response(bytes, { status, headers: { ...headers, ...own } });
}
