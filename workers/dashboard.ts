/** The dashboard's files, with the headers that keep them to themselves. */
import type { Env } from "./env.ts";

/** Scripts and styles of our own only; app URLs may be framed, the dashboard by nobody. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // What the dashboard itself fetched of an app's files and shows (SPEC FS4).
  "img-src 'self' data: blob:",
  "media-src blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

export async function dashboard(request: Request, env: Env): Promise<Response> {
  const response = await env.ASSETS.fetch(request);
  const answer = new Response(response.body, response);
  const frames = `frame-src ${new URL(env.PUBLIC_URL).protocol}//*.${env.APPS_DOMAIN}`;
  answer.headers.set("Content-Security-Policy", [...POLICY, frames].join("; "));
  answer.headers.set("X-Content-Type-Options", "nosniff");
  answer.headers.set("Referrer-Policy", "no-referrer");
  answer.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  answer.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return answer;
}
