import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundle } from "../keeper/build.ts";
import { CAN_FREEZE, CAN_LIMIT_MEMORY, CAN_PIN, freeze, makeMemoryGroup, pin } from "./kernel.ts";
import { FIXTURES, isAlive, makeHouse, waitFor, wish, type House } from "./harness.ts";

const MIB = 1024 ** 2;
/** The grace of a stop, then the patience with what cannot be killed, and some. */
const STOP_LIMIT_MS = 40_000;
const GROUP = `roundhouse-test-${process.pid}`;

let house: House;
beforeEach(async () => {
  house = await makeHouse();
});
afterEach(() => house.close());

describe.skipIf(!CAN_LIMIT_MEMORY)("a node that runs out of memory", () => {
  it("loses the app, not its agent or keeper, and says that the kernel did it", async () => {
    const group = await makeMemoryGroup(GROUP, 400 * MIB);
    const program = await bundle(join(FIXTURES, "agent.ts"), join(house.tempDir, "agent.mjs"));
    const desiredFile = join(house.tempDir, "desired.json");
    const wishes = [wish({ script: "eats-memory" }), wish({ id: "in_2", script: "eats-memory-and-sleeps" })];
    await writeFile(
      desiredFile,
      JSON.stringify({ type: "control.desired", portPool: house.portPool, instances: wishes }),
    );
    const args = [program, house.root.path, house.keeperFile, FIXTURES, desiredFile];
    const enter = `echo $$ > ${group.procs} && exec "$@"`;
    const agent = spawn("/bin/sh", ["-c", enter, "sh", process.execPath, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const seen = new Map<string, ObservedInstance>();
    let rest = "";
    agent.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) for (const one of JSON.parse(line).instances) seen.set(one.id, one);
    });
    const ended = (id: string) => seen.get(id)?.status === "error" && seen.get(id)?.pid === null;
    await waitFor(
      () => ended("in_1") && ended("in_2"),
      () => JSON.stringify([...seen.values()]),
      40_000,
    );
    agent.kill("SIGKILL");
    await once(agent, "exit");
    expect(seen.get("in_1")).toMatchObject({ signal: "SIGKILL", reason: { code: "out_of_memory" } });
    expect(seen.get("in_1")?.reason?.message).toMatch(/^the kernel killed it.*\(this node has [\d.]+ GiB\)$/);
    expect(seen.get("in_2")).toMatchObject({ exitCode: null, reason: { code: "out_of_memory" } });
    expect(seen.get("in_2")?.reason?.message).toContain("although its script still ran");
    await group.remove();
  });
});

describe.skipIf(!CAN_FREEZE)("an app that the kernel does not let go", () => {
  it("is named when it could not be ended", async () => {
    await house.instances().start();
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    const frozen = await freeze(GROUP, pid ?? 0);
    try {
      house.want(wish({ desired: "stopped", generation: 2 }));
      const isStopped = () => house.observed().status === "stopped";
      await waitFor(isStopped, () => JSON.stringify(house.observed()), STOP_LIMIT_MS);
      expect(await isAlive(pid)).toBe(true);
      const { reason } = house.observed();
      expect(reason).toMatchObject({ code: "not_killed", hint: expect.stringContaining("reboot") });
      expect(reason?.message).toContain(`(pid ${pid}, waits in the kernel)`);
    } finally {
      await frozen.release();
    }
    await waitFor(async () => !(await isAlive(pid)));
  }, 60_000);
});

describe.skipIf(!CAN_PIN)("a folder that cannot be removed", () => {
  it("is told, and tried again until it can", async () => {
    await house.instances().start();
    house.want(wish());
    await house.until((one) => one.status === "started");
    const release = pin(join(house.root.instancesDir, "in-1"));
    try {
      house.want(wish({ desired: "deleted", generation: 2 }));
      const refused = await house.until((one) => one.status === "error");
      expect(refused.reason).toMatchObject({ code: "internal", message: expect.stringMatching(/not permitted/) });
    } finally {
      release();
    }
    const isGone = () => house.changes.some((change) => change.gone.includes("in_1"));
    await waitFor(isGone, () => JSON.stringify(house.instances().observed()), 30_000);
  }, 60_000);
});
