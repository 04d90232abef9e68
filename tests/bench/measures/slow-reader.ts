/** What the runtime holds for a reader that is much slower than its app (SPEC CR1, CR4). */
import { setTimeout as sleep } from "node:timers/promises";
import { openHouse } from "../../e2e/house.ts";
import { within } from "../goals.ts";
import { MemoryWatch, runtimeOf } from "../load/memory.ts";
import { measureRequests } from "../load/requests.ts";
import { SlowReader } from "../load/slow-reader.ts";
import type { Trial } from "../measure.ts";
import { installApp } from "../ways/ours.ts";

const BODY_BYTES = 1024 ** 3;
const BYTES_PER_SECOND = 2e6;
/**
 * Of the nine minutes that the whole body takes. Frames that were passed on are garbage, which the runtime frees every
 * half minute or so: each half of this sees its highest tide.
 */
const SECONDS = 80;
const MIB = 1024 ** 2;

export const slowReader: Trial = {
  name: "slow-reader",
  isLong: true,
  rows: {
    growth: {
      title: `1 GiB to a reader of 2 MB/s: growth of the runtime in ${SECONDS} s`,
      unit: "MiB",
      goal: within({ atMost: 32 }, "MiB"),
    },
    later: { title: "that, higher in the second half by", unit: "MiB" },
  },
  measure: async ({ temp, later }) => {
    // Of its own, because a runtime gives memory back late: after other loads nothing would be seen to grow.
    const house = await openHouse();
    later.defer(() => house.close());
    const { ours } = await installApp(house, temp);
    await measureRequests(ours, 1, 500);
    await sleep(1_000);
    const watch = new MemoryWatch(runtimeOf(house));
    later.defer(() => watch.stop());
    const reader = new SlowReader(ours, `/bytes?n=${BODY_BYTES}`, BYTES_PER_SECOND);
    await sleep((SECONDS / 2) * 1000);
    const first = watch.takeGrowth();
    await sleep((SECONDS / 2) * 1000);
    const second = watch.takeGrowth();
    reader.close();
    return { growth: Math.max(first, second) / MIB, later: Math.max(0, second - first) / MIB };
  },
};
