/** Many idle nodes on one control plane: whether their links hold, what they cost, and how fast they come back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import { openHouse } from "../../e2e/house.ts";
import { killHard } from "../../e2e/processes.ts";
import { within } from "../goals.ts";
import { Links } from "../links.ts";
import { residentBytes, runtimeOf } from "../load/memory.ts";
import type { Trial } from "../measure.ts";

const COUNT = 500;
const PROCESSES = 4;
const JOIN_LIMIT_MS = 5 * 60_000;
const STORM_LIMIT_MS = 2 * 60_000;

export const links: Trial = {
  name: "links",
  isLong: true,
  rows: {
    minutes: { title: `${COUNT} links, held for`, unit: "min" },
    drops: { title: `${COUNT} links, lost meanwhile`, unit: "", goal: within({ atMost: 0 }, "") },
    memory: { title: "memory of the runtime for an idle node", unit: "KiB" },
    storm: { title: `runtime killed, ${COUNT} links back after`, unit: "s", goal: within({ atMost: 30 }, "s") },
  },
  measure: async ({ minutes, later }) => {
    const house = await openHouse();
    later.defer(() => house.close());
    const before = residentBytes(runtimeOf(house));
    const { token } = await house.api.post<NewJoinToken>("/api/join-tokens", { uses: COUNT });
    const url = `http://127.0.0.1:${house.port}`;
    const nodes = new Links({ url, token }, { count: COUNT, processes: PROCESSES });
    later.defer(() => nodes.end());
    await nodes.untilAllUp(0, JOIN_LIMIT_MS);
    await sleep(minutes * 60_000);
    const drops = nodes.drops.length;
    const memory = (residentBytes(runtimeOf(house)) - before) / COUNT / 1024;
    const killedAt = performance.now();
    for (const { pid } of house.runtimes()) killHard(pid);
    const backAt = await nodes.untilAllUp(killedAt, STORM_LIMIT_MS);
    return { minutes, drops, memory, storm: (backAt - killedAt) / 1000 };
  },
};
