/** Small requests over kept connections, each as soon as the one before has been answered. */
import { added, ratio } from "../goals.ts";
import { Connection, requestHead } from "../load/connection.ts";
import { percentile } from "../load/stats.ts";
import type { Comparison } from "../measure.ts";
import type { Target } from "../ways/target.ts";

const FOR_MS = 3_000;
const WARM_UP_MS = 300;
const AT_ONCE = 32;

export const requests: Comparison = {
  name: "requests",
  rows: {
    p50: { title: "small GET, p50", unit: "ms", goal: added("bare", 0.6) },
    p99: { title: "small GET, p99", unit: "ms", goal: ratio("ssh", { atMost: 3 }) },
    rate: { title: `small GETs, ${AT_ONCE} at once`, unit: "/s", goal: ratio("bare", { atLeast: 0.8 }) },
    rateP99: { title: `small GETs, ${AT_ONCE} at once, p99`, unit: "ms" },
  },
  measure: async (target) => {
    await measureRequests(target, 1, WARM_UP_MS);
    const one = await measureRequests(target, 1, FOR_MS);
    const many = await measureRequests(target, AT_ONCE, FOR_MS);
    return { p50: one.p50Ms, p99: one.p99Ms, rate: many.perSecond, rateP99: many.p99Ms };
  },
};

type RequestFigures = { perSecond: number; p50Ms: number; p99Ms: number };

export async function measureRequests(target: Target, atOnce: number, forMs: number): Promise<RequestFigures> {
  const request = requestHead(target, "GET", "/small");
  const open = await Promise.all(Array.from({ length: atOnce }, () => Connection.open(target.port)));
  const tookMs: number[] = [];
  const begin = performance.now();
  const keepOn = async (connection: Connection): Promise<void> => {
    for (let now = begin; now - begin < forMs;) {
      const sentAt = now;
      await connection.exchange(request);
      now = performance.now();
      tookMs.push(now - sentAt);
    }
  };
  try {
    await Promise.all(open.map(keepOn));
  } finally {
    for (const connection of open) connection.close();
  }
  const seconds = (performance.now() - begin) / 1000;
  return { perSecond: tookMs.length / seconds, p50Ms: percentile(tookMs, 50), p99Ms: percentile(tookMs, 99) };
}
