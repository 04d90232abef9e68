/** Small requests over kept connections, each as soon as the one before has been answered. */
import type { Target } from "../ways/target.ts";
import { Connection, requestHead } from "./connection.ts";
import { percentile } from "./stats.ts";

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
