/** Opens an app for whoever has a share's link, account or not (SPEC AC9). */
import type { Env } from "../env.ts";
import { openShare } from "../services/share/open.ts";
import { setCookie, VISITOR_COOKIE, YEAR_SECONDS } from "../objects/node-hub/app-cookies.ts";
import type { AppHost } from "./host.ts";
import { land } from "./landing.ts";
import { noticePage, onlyGet } from "./pages.ts";

export async function openWithShare(request: Request, env: Env, host: AppHost): Promise<Response> {
  if (request.method !== "GET") return onlyGet();
  const key = new URL(request.url).searchParams.get("key") ?? "";
  try {
    const opened = await openShare(env, host, key);
    if (!opened) return await shareEndedPage(env);
    const landing = land(request, opened);
    landing.headers.append("Set-Cookie", setCookie(VISITOR_COOKIE, "1", YEAR_SECONDS));
    return landing;
  } catch (error) {
    console.error(`a share of ${host.label} could not be opened:`, error);
    return noticePage(503, "This app cannot be reached just now", "Follow the link again in a moment.", env.PUBLIC_URL);
  }
}

/** For a link that opens nothing any more, and for those who came by one. */
export function shareEndedPage(env: Env): Promise<Response> {
  const text = "The link is no longer valid: it was for a limited time, or it was taken back. Ask for a new one.";
  return noticePage(410, "This share has ended", text, env.PUBLIC_URL);
}
