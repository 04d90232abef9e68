/** The one-use token of a sign-in link. It is taken out of the address at once, before anything else can see it. */

let token = takeFromAddress();

/** Answers the token that the page was loaded with, once. */
export function takeToken(): string | null {
  const taken = token;
  token = null;
  return taken;
}

/** A link that is pasted into an open tab changes the hash only. Answers how to stop listening. */
export function onLaterToken(listener: (token: string) => void): () => void {
  const look = (): void => {
    const found = takeFromAddress();
    if (found !== null) listener(found);
  };
  addEventListener("hashchange", look);
  return () => removeEventListener("hashchange", look);
}

function takeFromAddress(): string | null {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (found !== null) history.replaceState(null, "", location.pathname + location.search);
  return found;
}
