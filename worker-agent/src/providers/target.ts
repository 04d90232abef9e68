/** Where below a provider's base URL a request goes: never beside it (SPEC PV2). */

/** `rest` begins with a slash. Throws for a path that leads out, also once a server has decoded it. */
export function targetOf(base: URL, rest: string, search: string): URL {
  const parts = rest.split("/").flatMap((part) => decoded(part).split(/[/\\]/));
  if (parts.some((part) => part === "." || part === ".."))
    throw new Error("the path leads out of the provider's base URL");
  const target = new URL(base);
  target.pathname = base.pathname.replace(/\/+$/, "") + rest;
  target.search = search;
  return target;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new Error("the path has a percent sign that encodes nothing", { cause: error });
  }
}
