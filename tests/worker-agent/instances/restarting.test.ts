import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHouse, wish, type House } from "./harness.ts";

const LONGEST_DELAY_MS = 60_000;

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

async function launches(): Promise<number> {
  return JSON.parse(await readFile(join(house.root.stateDir, "in_1", "state.json"), "utf8")).launch;
}

/** The next restart is due now. */
function hurry(changes: Parameters<typeof wish>[0]): void {
  house.pass(LONGEST_DELAY_MS);
  house.want(wish(changes));
}

const numbered = (number: number) => house.until((one) => one.reason?.hint?.includes(`(${number} of 10)`) === true);

describe("an app that fails", () => {
  it("is tried ten times, then given up with how often and since when, and a start by a person begins anew", async () => {
    const failing = { script: "fails", restartPolicy: "on-failure" as const };
    house.want(wish(failing));
    const first = await numbered(1);
    for (let number = 2; number <= 10; number++) {
      hurry(failing);
      await numbered(number);
    }
    hurry(failing);
    const last = await house.until((one) => one.reason?.hint?.includes("Gave up") === true);
    expect(last).toMatchObject({ status: "error", exitCode: 3, reason: { code: "exited" } });
    const since = /after 10 restarts in a row since (\S+):/.exec(last.reason?.hint ?? "")?.[1] ?? "";
    expect(Math.abs(Date.parse(since) - Date.parse(first.since))).toBeLessThan(10_000);
    expect(await launches()).toBe(11);
    house.want(wish({ ...failing, epoch: 2, generation: 2 }));
    await numbered(1);
    expect(await launches()).toBe(12);
  });

  it("is not started again when it ended well", async () => {
    const onFailure = { restartPolicy: "on-failure" as const };
    house.want(wish({ ...onFailure, script: "fails-once" }));
    await numbered(1);
    hurry({ ...onFailure, script: "fails-once" });
    const ended = await house.until((one) => one.exitCode === 0);
    expect(ended.reason).toEqual({ code: "exited", message: "ended with exit code 0" });
    expect(await launches()).toBe(2);
  });

  it("is started again by the next agent, at the time that was set", async () => {
    const failing = { script: "fails", restartPolicy: "always" as const };
    house.want(wish(failing));
    for (let number = 1; number < 6; number++) {
      await numbered(number);
      hurry(failing);
    }
    const before = await numbered(6);
    await house.restart({ endKeepers: false });
    expect(house.observed()).toMatchObject({ status: "error", reason: before.reason, exitCode: 3 });
    expect(await launches()).toBe(6);
    hurry(failing);
    await numbered(7);
  });

  it("is not kept waiting by a clock that was put back", async () => {
    const failing = { script: "fails", restartPolicy: "always" as const };
    house.want(wish(failing));
    await numbered(1);
    house.setClock(-24 * 3_600_000);
    house.want(wish(failing));
    await numbered(2);
  });
});

describe("an app that a person stops", () => {
  it("stays stopped under every policy, also while its restart is due", async () => {
    const failing = { script: "fails", restartPolicy: "always" as const };
    house.want(wish(failing));
    await numbered(3);
    house.want(wish({ ...failing, desired: "stopped", generation: 2 }));
    expect(await house.until((one) => one.status === "stopped")).toMatchObject({ reason: null, exitCode: null });
    house.pass(LONGEST_DELAY_MS);
    house.want(wish({ ...failing, desired: "stopped", generation: 3 }));
    expect(house.observed()).toMatchObject({ status: "stopped", pid: null });
    house.want(wish({ ...failing, epoch: 2, generation: 4 }));
    await numbered(1);
  });
});
