/** The one-use token of a sign-in link. It is taken out of the address at once, before anything else can see it. */

let token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token !== null) history.replaceState(null, "", location.pathname + location.search);

/** Answers it once. */
export function takeToken(): string | null {
  const taken = token;
  token = null;
  return taken;
}
