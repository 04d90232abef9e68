/** Where a load goes, and the ways by which it gets there. */

/** A port of this machine, and the headers that every request carries. */
export type Target = { port: number; headers: Record<string, string> };

/** Column by column of the table. */
export const WAYS = {
  direct: "app direct",
  ssh: "ssh -R",
  localtunnel: "localtunnel",
  wstunnel: "wstunnel",
  bare: "bare Worker",
  ours: "ours",
} as const;
export type WayName = keyof typeof WAYS;

/** One way to the app. */
export type Way = {
  name: WayName;
  /** Measures with the way open; one that costs while it is idle is open for this only. */
  use<T>(measure: (target: Target) => Promise<T>): Promise<T>;
};

/** A way that stays open. */
export function standing(name: WayName, target: Target): Way {
  return { name, use: (measure) => measure(target) };
}
