/** How long a fresh house takes from the start of its process. */
import { makeHouse } from "../e2e/house.ts";
import { ask } from "../e2e/http.ts";
import { until } from "../e2e/until.ts";

export type StartUp = { healthMs: number; linkMs: number; onlineMs: number };

export async function measureStartUp(): Promise<StartUp> {
  const house = await makeHouse();
  try {
    const begin = performance.now();
    const since = (): number => performance.now() - begin;
    const answersHealth = async () =>
      (await ask({ port: house.port, path: "/health" }).catch(() => undefined))?.status === 200;
    const [healthMs, linkMs] = await Promise.all([
      until("it is healthy", answersHealth, { limitMs: 60_000 }).then(since),
      house.start().then(since),
    ]);
    await house.untilOnline();
    return { healthMs, linkMs, onlineMs: since() };
  } finally {
    await house.close();
  }
}
