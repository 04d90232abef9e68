/** Waiting for something to become true, with a limit, and with how long it took. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

export type Waited<T> = { value: T; tookMs: number };

/** Asks again until the answer is neither undefined nor false. Throws with what was waited for, and what was seen last. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  options: { limitMs?: number; seen?: () => string } = {},
): Promise<Waited<T>> {
  const { limitMs = 10_000, seen } = options;
  const begin = performance.now();
  for (;;) {
    const value = await look();
    const tookMs = Math.round(performance.now() - begin);
    if (value !== undefined && value !== false) return { value, tookMs };
    if (tookMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}${seen ? `\n${seen()}` : ""}`);
    await sleep(POLL_MS);
  }
}

/** One line in the tests' output: figures to read, not to assert. */
export function measured(what: string, ms: number): void {
  process.stdout.write(`  measured: ${what}: ${(ms / 1000).toFixed(2)} s\n`);
}
