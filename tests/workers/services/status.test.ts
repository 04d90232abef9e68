import { describe, expect, it } from "vitest";
import { isDead, type StatusFacts, statusOf } from "../../../workers/services/instance/status.ts";

const FRESH: StatusFacts = {
  desired: "stopped",
  origin: null,
  epoch: 0,
  generation: 1,
  observedStatus: null,
  observedEpoch: null,
  observedGeneration: null,
  firstStartedAt: null,
};
const facts = (change: Partial<StatusFacts>): StatusFacts => ({ ...FRESH, ...change });
const answered = { generation: 4, observedGeneration: 4 } as const;
const behind = { generation: 4, observedGeneration: 3 } as const;
const before = new Date(0);

describe("the status a person sees", () => {
  it.each([
    ["stopped", "nothing was ever asked", FRESH],
    ["installing", "the first start is not answered", facts({ desired: "running", epoch: 1 })],
    [
      "starting",
      "a later start is not answered",
      facts({
        ...behind,
        desired: "running",
        epoch: 2,
        observedEpoch: 1,
        observedStatus: "stopped",
        firstStartedAt: before,
      }),
    ],
    [
      "starting",
      "a restart is not answered",
      facts({
        ...behind,
        desired: "running",
        epoch: 2,
        observedEpoch: 1,
        observedStatus: "started",
        firstStartedAt: before,
      }),
    ],
    [
      "started",
      "only the spec changed since",
      facts({ ...behind, desired: "running", epoch: 2, observedEpoch: 2, observedStatus: "started" }),
    ],
    [
      "error",
      "the answer is that it cannot be launched",
      facts({ ...answered, desired: "running", epoch: 1, observedStatus: "error" }),
    ],
    ["stopping", "a stop is not answered", facts({ ...behind, epoch: 1, observedEpoch: 1, observedStatus: "started" })],
    [
      "error",
      "a dead app was stopped and that is not answered",
      facts({ ...behind, epoch: 1, observedEpoch: 1, observedStatus: "error" }),
    ],
    [
      "stopping",
      "its deletion is not answered",
      facts({ ...behind, desired: "deleted", epoch: 1, observedStatus: "installing" }),
    ],
    ["stopped", "a deletion of what never ran is not answered", facts({ desired: "deleted", generation: 2 })],
  ] as const)("is %s when %s", (status, _when, row) => {
    expect(statusOf(row, true)).toBe(status);
  });

  it("is unreachable without a link, unless nothing ever happened", () => {
    expect(statusOf(FRESH, false)).toBe("stopped");
    expect(statusOf(facts({ desired: "running", epoch: 1 }), false)).toBe("unreachable");
    expect(statusOf(facts({ ...answered, observedStatus: "started" }), false)).toBe("unreachable");
  });
});

it("an app is dead only when the report answers this very launch", () => {
  const dead = { desired: "running", observedStatus: "error", epoch: 2 } as const;
  expect(isDead(facts({ ...dead, ...behind, observedEpoch: 2 }))).toBe(true);
  expect(isDead(facts({ ...dead, ...answered, observedEpoch: null }))).toBe(true);
  expect(isDead(facts({ ...dead, ...behind, observedEpoch: 1 }))).toBe(false);
  expect(isDead(facts({ ...dead, ...answered, observedEpoch: 2, observedStatus: "started" }))).toBe(false);
});
