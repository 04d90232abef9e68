/** How long a fresh house takes from the start of its process. */
import { makeHouse } from "../../e2e/house.ts";
import { ask } from "../../e2e/http.ts";
import { until } from "../../e2e/until.ts";
import type { Trial } from "../measure.ts";

export const startUp: Trial = {
  name: "start-up",
  rows: {
    health: { title: "npm start → /health", unit: "ms" },
    link: { title: "npm start → sign-in link", unit: "ms" },
    online: { title: "npm start → node online", unit: "ms" },
  },
  measure: async ({ later }) => {
    const house = await makeHouse();
    later.defer(() => house.close());
    const begin = performance.now();
    const since = (): number => performance.now() - begin;
    const answersHealth = async () =>
      (await ask({ port: house.port, path: "/health" }).catch(() => undefined))?.status === 200;
    const [health, link] = await Promise.all([
      until("it is healthy", answersHealth, { limitMs: 60_000 }).then(since),
      house.start().then(since),
    ]);
    await house.untilOnline();
    return { health, link, online: since() };
  },
};
