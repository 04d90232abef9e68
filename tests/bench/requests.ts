/** Small requests over kept connections, each as soon as the one before has been answered. */
import { countBytes, exchange, keepAliveAgent, type Target } from "./target.ts";
import { percentile } from "./stats.ts";

export type RequestFigures = { perSecond: number; p50Ms: number; p99Ms: number };

export async function measureRequests(target: Target, connections: number, forMs: number): Promise<RequestFigures> {
  const agent = keepAliveAgent(connections);
  const tookMs: number[] = [];
  const once = async (): Promise<void> => {
    const begin = performance.now();
    const response = await exchange(target, { path: "/request", agent }, (request) => request.end());
    await countBytes(response);
    tookMs.push(performance.now() - begin);
  };
  const begin = performance.now();
  const keepOn = async (): Promise<void> => {
    while (performance.now() - begin < forMs) await once();
  };
  await Promise.all(Array.from({ length: connections }, keepOn));
  const seconds = (performance.now() - begin) / 1000;
  agent.destroy();
  return { perSecond: tookMs.length / seconds, p50Ms: percentile(tookMs, 50), p99Ms: percentile(tookMs, 99) };
}
