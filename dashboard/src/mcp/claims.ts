/** What a tool's server says of the tool's manners. Nobody checks it. Pure. */

const CLAIMS: Readonly<Record<string, { yes: string; no: string }>> = {
  readOnlyHint: { yes: "says it only reads", no: "says it changes things" },
  destructiveHint: { yes: "says it may destroy", no: "says it destroys nothing" },
  idempotentHint: { yes: "says twice is as good as once", no: "says twice is not as good as once" },
  openWorldHint: { yes: "says it reaches beyond its server", no: "says it stays within its server" },
};

/** `title` is shown where titles are; what is no known hint is in the definition's JSON. */
export function claimsOf(annotations: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.entries(annotations ?? {}).flatMap(([name, value]) => {
    const words = Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : undefined;
    return words === undefined || typeof value !== "boolean" ? [] : [value ? words.yes : words.no];
  });
}
