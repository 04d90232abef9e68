/** Where somebody wanted to go before they had to sign in. */

/** A path of this origin, or `/`: never another site, whatever the parameter says. */
export function nextPath(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get("next");
  if (wanted === null || !URL.canParse(wanted, origin)) return "/";
  const url = new URL(wanted, origin);
  if (!wanted.startsWith("/") || url.origin !== origin || url.pathname === "/sign-in") return "/";
  return url.pathname + url.search;
}

export function signInPath(here: string): string {
  return here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`;
}
