import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStep, outcomeAfterAbsence, type Actual, type Wish } from "../../../worker-agent/src/instances/plan.ts";
import type { Outcome } from "../../../worker-agent/src/instances/state-file.ts";

const NOW_MS = 1_000_000;
const reason = { code: "exited", message: "ended with exit code 1" };
const failed = (restartAtMs: number | null): Outcome => ({
  kind: "failed",
  reason,
  exitCode: 1,
  signal: null,
  restartAtMs,
});
const outcomes: Outcome[] = [
  { kind: "stopped" },
  { kind: "lapsed" },
  { kind: "revive" },
  failed(null),
  failed(NOW_MS),
  failed(NOW_MS + 5_000),
];

function actual(process: Actual["process"], changes: Partial<Actual> = {}): Actual {
  const nothing = {
    origin: "made" as const,
    resetDue: false,
    supplyMissing: false,
    familyBusy: false,
    satelliteRemains: false,
    removed: false,
  };
  return { launchedEpoch: 1, process, ...nothing, ...changes };
}
const idle = (outcome: Outcome = { kind: "stopped" }, changes: Partial<Actual> = {}) =>
  actual({ is: "none", outcome }, changes);
const running = (appGone = false, changes: Partial<Actual> = {}) => actual({ is: "running", appGone }, changes);

const run = (epoch = 1): Wish => ({ desired: "running", epoch });
const stopped: Wish = { desired: "stopped", epoch: 1 };
const deleted: Wish = { desired: "deleted", epoch: 1 };

describe("the plan of one instance", () => {
  it.each<[string, Wish, Actual, ReturnType<typeof nextStep>]>([
    ["leaves a running instance alone that nobody mentions", null, running(), { do: "nothing" }],
    ["leaves an ended instance alone that nobody mentions", null, idle(failed(NOW_MS)), { do: "nothing" }],
    ["launches what was never launched", run(), idle({ kind: "stopped" }, { launchedEpoch: null }), { do: "launch" }],
    ["launches for another epoch", run(2), idle(), { do: "launch" }],
    ["launches for a lower epoch as well", run(0), idle(), { do: "launch" }],
    ["launches for another epoch after a failure", run(2), idle(failed(null)), { do: "launch" }],
    ["does not launch the same epoch again", run(), idle(), { do: "nothing" }],
    ["does not launch again what failed", run(), idle(failed(null)), { do: "nothing" }],
    ["does not launch again what lapsed", run(), idle({ kind: "lapsed" }), { do: "nothing" }],
    ["launches again what starts by itself", run(), idle({ kind: "revive" }), { do: "launch" }],
    ["restarts when it is due", run(), idle(failed(NOW_MS)), { do: "launch" }],
    ["waits until a restart is due", run(), idle(failed(NOW_MS + 5)), { do: "wait", untilMs: NOW_MS + 5 }],
    ["waits for the source", run(2), idle({ kind: "stopped" }, { supplyMissing: true }), { do: "nothing" }],
    ["waits for its turn", run(2), idle({ kind: "stopped" }, { familyBusy: true }), { do: "nothing" }],
    ["waits for its turn to restart", run(), idle(failed(NOW_MS), { familyBusy: true }), { do: "nothing" }],
    ["stops in nobody's turn", stopped, running(false, { familyBusy: true }), { do: "stop", cause: "stop" }],
    ["lets a running app run", run(), running(), { do: "nothing" }],
    ["stops a running app for another epoch", run(2), running(), { do: "stop", cause: "stop" }],
    ["stops a running app that is not wanted", stopped, running(), { do: "stop", cause: "stop" }],
    ["stops a running app before removing it", deleted, running(), { do: "stop", cause: "stop" }],
    ["ends a script whose app is gone", run(), running(true), { do: "stop", cause: "app_gone" }],
    ["stops an unwanted script whose app is gone as any other", stopped, running(true), { do: "stop", cause: "stop" }],
    ["removes what has ended", deleted, idle(), { do: "remove" }],
    [
      "does not remove under a running satellite",
      deleted,
      idle(undefined, { satelliteRemains: true }),
      { do: "nothing" },
    ],
    ["does nothing after the removal", deleted, idle(undefined, { removed: true }), { do: "nothing" }],
    [
      "makes a folder from its origin at once, also of one at rest",
      stopped,
      idle(undefined, { origin: "due" }),
      { do: "make" },
    ],
    ["makes the folder before it launches", run(2), idle(undefined, { origin: "due" }), { do: "make" }],
    ["waits until nobody installs in the original", run(2), idle(undefined, { origin: "busy" }), { do: "nothing" }],
    [
      "launches nothing whose folder could not be made",
      run(2),
      idle(undefined, { origin: "failed" }),
      { do: "nothing" },
    ],
    ["takes an installation away at rest", stopped, idle(undefined, { resetDue: true }), { do: "reset" }],
    ["takes it away before it launches", run(2), idle(undefined, { resetDue: true }), { do: "reset" }],
    [
      "takes nothing from under a satellite",
      run(2),
      idle(undefined, { resetDue: true, satelliteRemains: true }),
      { do: "nothing" },
    ],
    ["makes nothing that is to be deleted", deleted, idle(undefined, { origin: "due" }), { do: "remove" }],
    ["leaves what is stopped", stopped, idle(), { do: "nothing" }],
    ["does not revive what is stopped", stopped, idle({ kind: "revive" }), { do: "nothing" }],
    ["waits for leftovers before launching", run(2), actual({ is: "clearing" }), { do: "nothing" }],
    ["waits for leftovers before removing", deleted, actual({ is: "clearing" }), { do: "nothing" }],
  ])("%s", (_title, wish, state, step) => {
    expect(nextStep(wish, state, NOW_MS)).toEqual(step);
  });

  const anyWish = fc.option(
    fc.record({
      desired: fc.constantFrom("running" as const, "stopped" as const, "deleted" as const),
      epoch: fc.integer({ min: 0, max: 3 }),
    }),
  );
  const anyActual = fc.record<Actual>({
    launchedEpoch: fc.option(fc.integer({ min: 0, max: 3 })),
    process: fc.oneof(
      fc.record({ is: fc.constant("none" as const), outcome: fc.constantFrom(...outcomes) }),
      fc.record({ is: fc.constant("running" as const), appGone: fc.boolean() }),
      fc.record({ is: fc.constant("clearing" as const) }),
    ),
    origin: fc.constantFrom("made" as const, "due" as const, "busy" as const, "failed" as const),
    resetDue: fc.boolean(),
    supplyMissing: fc.boolean(),
    familyBusy: fc.boolean(),
    satelliteRemains: fc.boolean(),
    removed: fc.boolean(),
  });

  it("never launches beside a process, never removes under one, never acts on what nobody mentions", () => {
    fc.assert(
      fc.property(anyWish, anyActual, (wish, state) => {
        const step = nextStep(wish, state, NOW_MS);
        if (step.do === "launch") {
          expect([state.origin, state.resetDue]).toEqual(["made", false]);
          expect(state.process.is).toBe("none");
          expect(wish?.desired).toBe("running");
        }
        if (step.do === "remove") expect([state.process.is, wish?.desired]).toEqual(["none", "deleted"]);
        if (step.do === "stop") expect(state.process.is).toBe("running");
        if (wish === null || state.removed) expect(step.do).toBe("nothing");
      }),
    );
  });

  it("comes to rest at what is wanted, whatever there was", () => {
    fc.assert(
      fc.property(anyWish, anyActual, (wish, begin) => {
        if (!wish) return;
        let state: Actual = {
          ...begin,
          origin: begin.origin === "made" ? "made" : "due",
          supplyMissing: false,
          familyBusy: false,
          satelliteRemains: false,
          removed: false,
        };
        let nowMs = NOW_MS;
        for (let steps = 0; ; steps++) {
          expect(steps).toBeLessThan(6);
          if (state.process.is === "clearing")
            state = { ...state, process: { is: "none", outcome: { kind: "stopped" } } };
          const step = nextStep(wish, state, nowMs);
          if (step.do === "nothing") break;
          if (step.do === "wait") nowMs = step.untilMs;
          if (step.do === "stop") state = { ...state, process: { is: "clearing" } };
          if (step.do === "remove") state = { ...state, removed: true };
          if (step.do === "reset") state = { ...state, resetDue: false };
          if (step.do === "make") state = { ...state, origin: "made" };
          if (step.do === "launch") {
            state = { ...state, launchedEpoch: wish.epoch, process: { is: "running", appGone: false } };
          }
        }
        if (wish.desired === "deleted") expect(state.removed).toBe(true);
        if (wish.desired === "stopped") expect(state.process.is).toBe("none");
        if (wish.desired === "running") expect(state.launchedEpoch).toBe(wish.epoch);
      }),
    );
  });
});

describe("an end that nobody saw", () => {
  it("means a new start for what starts by itself, and a lapse for the rest, when the agent's end was its own", () => {
    expect(outcomeAfterAbsence({ endedBy: "shutdown" }, true)).toEqual({ kind: "revive" });
    expect(outcomeAfterAbsence({ endedBy: "shutdown" }, false)).toEqual({ kind: "lapsed" });
  });

  it("means what its record says otherwise", () => {
    expect(outcomeAfterAbsence({ endedBy: "stop" }, true)).toEqual({ kind: "stopped" });
    expect(outcomeAfterAbsence({ endedBy: "itself" }, true)).toBe("died");
    expect(outcomeAfterAbsence({ endedBy: "app_gone" }, true)).toBe("died");
  });
});
