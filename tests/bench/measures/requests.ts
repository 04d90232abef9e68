/** Small requests: how long one takes, and how many are answered at once. */
import { added, ratio } from "../goals.ts";
import { measureRequests } from "../load/requests.ts";
import type { Comparison } from "../measure.ts";

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
