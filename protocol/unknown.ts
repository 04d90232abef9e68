/** What a newer peer says beyond what this build knows: tolerated, and counted (SPEC VS3). */

export const UNKNOWN_KINDS = ["message", "key", "frame"] as const;
export type UnknownKind = (typeof UNKNOWN_KINDS)[number];
export type UnknownCounts = Record<UnknownKind, number>;

/** How many keys of `given`, at any depth, are missing in what a schema made of it. */
export function countUnknownKeys(given: unknown, parsed: unknown): number {
  if (!isObject(given) || !isObject(parsed)) return 0;
  return Object.entries(given).reduce((sum, [key, value]) => {
    return sum + (Object.hasOwn(parsed, key) ? countUnknownKeys(value, parsed[key]) : 1);
  }, 0);
}

/** Arrays too: their keys are their indices. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
