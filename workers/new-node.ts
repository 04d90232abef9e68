/** What a machine fetches before it is a node, without sign-in: install.sh, the packed agent and its checksum. */
import type { Env } from "./env.ts";
import { findAgentPackage } from "./services/agent-package/find.ts";
import { ServiceError, toErrorResponse } from "./services/error.ts";

type File = { contentType: string; cacheControl: string };

/** A name with the contents' hash in it never means anything else. */
const PACKAGE: File = { contentType: "application/gzip", cacheControl: "public, max-age=31536000, immutable" };
const SUMS: File = { contentType: "text/plain; charset=utf-8", cacheControl: "no-cache" };
const SCRIPT: File = { contentType: "text/x-shellscript; charset=utf-8", cacheControl: "no-cache" };

/** Where install.sh names the control plane it came from. */
const ADDRESS = "@PUBLIC_URL@";

export function isForNewNodes(path: string): boolean {
  return path === "/install.sh" || path.startsWith("/agent/");
}

export async function serveNewNode(request: Request, env: Env): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (path === "/install.sh") return script(request, env);
  const asset = await env.ASSETS.fetch(request);
  // What is not there is answered with the dashboard's page.
  if (asset.headers.get("content-type")?.startsWith("text/html")) return elsewhere(path, env);
  const answer = new Response(asset.body, asset);
  for (const [name, value] of headersOf(path.endsWith(".tgz") ? PACKAGE : SUMS)) answer.headers.set(name, value);
  return answer;
}

/** Whole and without the file's entity tag, which does not know the address. */
async function script({ url, method }: Request, env: Env): Promise<Response> {
  const asset = await env.ASSETS.fetch(url, { method });
  // Not text(): to the runtime a script's content type is no text, and it would warn.
  const text = new TextDecoder().decode(await asset.arrayBuffer());
  const addressed = text.replaceAll(ADDRESS, new URL(env.PUBLIC_URL).origin);
  return new Response(addressed, { status: asset.status, headers: headersOf(SCRIPT) });
}

function headersOf({ contentType, cacheControl }: File): [string, string][] {
  return [
    ["Content-Type", contentType],
    ["Cache-Control", cacheControl],
    ["X-Content-Type-Options", "nosniff"],
  ];
}

/** The name of another build leads to the one of today: a line that was kept goes on working when the pool is upgraded. */
async function elsewhere(path: string, env: Env): Promise<Response> {
  const file = await findAgentPackage(env);
  if (/^\/agent\/worker-agent-[^/]+\.tgz$/.test(path)) {
    return new Response(null, { status: 302, headers: { Location: `/agent/${file}`, "Cache-Control": "no-store" } });
  }
  const hint = `The worker agent that belongs to this control plane is /agent/${file}.`;
  return toErrorResponse(new ServiceError("not_found", `There is no ${path} here.`, { hint }));
}
