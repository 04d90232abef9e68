/** What a reader that has stopped reading does to everybody else on the same link (SPEC CR6). */
import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../goals.ts";
import { measureRequests } from "../load/requests.ts";
import { SlowReader } from "../load/slow-reader.ts";
import type { Comparison } from "../measure.ts";

const FOR_MS = 3_000;
/** Until every buffer on the way is full. */
const FILLING_MS = 1_000;

export const stalled: Comparison = {
  name: "stalled",
  rows: {
    added: {
      title: "small GET beside a stalled download, p99 added",
      unit: "ms",
      goal: within({ atMost: 20 }, "ms"),
    },
  },
  measure: async (target) => {
    const alone = await measureRequests(target, 1, FOR_MS);
    const reader = new SlowReader(target, `/bytes?n=${1024 ** 3}`, 0);
    await sleep(FILLING_MS);
    const beside = await measureRequests(target, 1, FOR_MS);
    reader.close();
    return { added: beside.p99Ms - alone.p99Ms };
  },
};
