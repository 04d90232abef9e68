import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { bundle } from "../keeper/build.ts";
import { FIXTURES, isAlive, makeHouse, processesBelow, waitFor, wish, type House } from "./harness.ts";

const houses: House[] = [];
afterEach(async () => {
  await Promise.all(houses.splice(0).map((house) => house.close()));
});

async function newHouse(options: { longPath?: boolean } = {}): Promise<House> {
  const house = await makeHouse(options);
  houses.push(house);
  return house;
}

async function startedHouse(options: { longPath?: boolean } = {}): Promise<House> {
  const house = await newHouse(options);
  await house.instances().start();
  return house;
}

async function keeperPidOf(house: House, id = "in_1"): Promise<number> {
  return JSON.parse(await readFile(join(house.root.stateDir, id, "keeper.json"), "utf8")).keeperPid;
}

/** A separate agent process, and what it reports. */
async function startAgent(
  house: House,
  wishes: DesiredInstance[],
): Promise<{ agent: ChildProcess; output: () => string }> {
  const program = await bundle(join(FIXTURES, "agent.ts"), join(house.tempDir, "agent.mjs"));
  const desiredFile = join(house.tempDir, "desired.json");
  await writeFile(
    desiredFile,
    JSON.stringify({ type: "control.desired", portPool: house.portPool, instances: wishes }),
  );
  const agent = spawn(process.execPath, [program, house.root.path, house.keeperFile, FIXTURES, desiredFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  agent.stdout.on("data", (chunk) => (output += chunk));
  return { agent, output: () => output };
}

describe("an agent that comes back", () => {
  it("adopts, untouched, what an agent left that was killed", async () => {
    const house = await newHouse();
    const { agent, output } = await startAgent(house, [wish(), wish({ id: "in_2", script: "installs" })]);
    await waitFor(() => output().includes('"started"') && output().includes("installing for ever"));
    const keeperPid = await keeperPidOf(house);
    agent.kill("SIGKILL");
    await waitFor(() => agent.signalCode !== null);

    await house.instances().start();
    const adopted = house.observed();
    expect(adopted).toMatchObject({ status: "started", lapsed: false, epoch: 1 });
    expect(await (await fetch(`http://127.0.0.1:${adopted.port}/`)).text()).toBe(String(adopted.pid));
    expect(await keeperPidOf(house)).toBe(keeperPid);
    expect(house.observed("in_2").status).toBe("installing");
    house.want(wish({ desired: "stopped" }), wish({ id: "in_2", script: "installs", desired: "stopped" }));
    await house.until((one) => one.status === "stopped");
    await house.until((one) => one.status === "stopped", "in_2");
  });

  it("learns how an app ended meanwhile", async () => {
    const house = await startedHouse();
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    await house.instances().shutdown({ endKeepers: false });
    process.kill(pid ?? 0, "SIGKILL");
    const exitFile = join(house.root.stateDir, "in_1", "exit.json");
    await waitFor(() =>
      readFile(exitFile, "utf8").then(
        () => true,
        () => false,
      ),
    );
    await house.restart({ endKeepers: false });
    const ended = await house.until((one) => one.status === "error");
    expect(ended).toMatchObject({ signal: "SIGKILL", reason: { code: "killed" } });
    expect(ended.lastLines.join("\n")).toContain("listening");
  });

  it("ends the app of a keeper that was killed, and lets the instance lapse", async () => {
    const house = await startedHouse();
    house.want(wish({ script: "daemonises" }));
    await house.until((one) => one.status === "started");
    await house.instances().shutdown({ endKeepers: false });
    process.kill(await keeperPidOf(house), "SIGKILL");
    await house.restart({ endKeepers: false });
    expect(house.observed()).toMatchObject({ status: "stopped", lapsed: true });
    expect(await processesBelow(house.root.path)).toEqual([]);
    house.want(wish({ script: "daemonises", desired: "stopped", generation: 2 }));
    expect(house.observed()).toMatchObject({ status: "stopped", lapsed: false, generation: 2 });
  });

  it("starts again, without a link, what starts by itself, and lets the rest lapse", async () => {
    const house = await startedHouse();
    house.want(wish({ autostart: true }), wish({ id: "in_2" }));
    const before = await house.until((one) => one.status === "started");
    await house.until((one) => one.status === "started", "in_2");
    const beganMs = Date.now();
    await house.restart({ endKeepers: true });
    expect(Date.now() - beganMs).toBeLessThan(6_000);
    const after = await house.until((one) => one.status === "started");
    expect(after).toMatchObject({ epoch: 1, port: before.port });
    expect(after.pid).not.toBe(before.pid);
    expect(house.observed("in_2")).toMatchObject({ status: "stopped", lapsed: true });
  });

  it("says why one that starts by itself could not, and starts the others", async () => {
    const house = await startedHouse();
    const fixed = wish({ autostart: true, port: house.portPool.last });
    const other = wish({ id: "in_2", autostart: true });
    house.want(fixed, other);
    await house.until((one) => one.status === "started");
    await house.until((one) => one.status === "started", "in_2");
    await house.instances().shutdown({ endKeepers: true });
    const stranger = createServer().listen(house.portPool.last, "127.0.0.1");
    await once(stranger, "listening");
    await house.restart({ endKeepers: true });
    const failed = await house.until((one) => one.status === "error");
    expect(failed).toMatchObject({ pid: null, lapsed: false, reason: { code: "port_in_use" } });
    await house.until((one) => one.status === "started", "in_2");
    stranger.close();
    house.want({ ...fixed, epoch: 2, generation: 2 }, other);
    await house.until((one) => one.status === "started");
  });

  it("launches what an agent recorded and no keeper ever took", async () => {
    const house = await startedHouse();
    house.want(wish());
    await house.until((one) => one.status === "started");
    await house.instances().shutdown({ endKeepers: true });
    const dir = join(house.root.stateDir, "in_1");
    const state = JSON.parse(await readFile(join(dir, "state.json"), "utf8"));
    await writeFile(join(dir, "state.json"), JSON.stringify({ ...state, launch: 2, inFlight: true }));
    await rm(join(dir, "keeper.json"));
    await writeFile(join(dir, "spec-2.json"), "{}");
    await house.restart({ endKeepers: false });
    await house.until((one) => one.status === "started");
  });

  it("reports what the control plane does not mention, and leaves it running", async () => {
    const house = await startedHouse();
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    house.want();
    expect(house.instances().unknown()).toEqual([{ id: "in_1", name: "in_1", status: "started" }]);
    await house.restart({ endKeepers: false });
    expect(house.instances().observed()).toEqual([]);
    expect(house.instances().unknown()).toEqual([{ id: "in_1", name: "in_1", status: "started" }]);
    expect(await isAlive(pid)).toBe(true);
    house.want(wish());
    expect(house.observed()).toMatchObject({ status: "started", pid });
  });
});

describe("an agent that ends", () => {
  it("ends its apps within 5 s, deaf ones included", async () => {
    const house = await startedHouse();
    house.want(wish({ script: "ignores-term" }), wish({ id: "in_2" }));
    await house.until((one) => one.lastLines.includes("deaf"));
    await house.until((one) => one.status === "started", "in_2");
    const beganMs = Date.now();
    await house.instances().shutdown({ endKeepers: true });
    expect(Date.now() - beganMs).toBeLessThan(5_000);
    await waitFor(async () => (await processesBelow(house.root.path)).length === 0);
  });

  it("has nothing to end when there is nothing", async () => {
    const house = await startedHouse();
    await house.instances().shutdown({ endKeepers: true });
    expect(house.instances().observed()).toEqual([]);
  });
});

describe("places", () => {
  it("works below a path that is longer than a socket's address", async () => {
    const house = await startedHouse({ longPath: true });
    expect(house.root.path.length).toBeGreaterThan(150);
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    await house.restart({ endKeepers: false });
    expect(house.observed()).toMatchObject({ status: "started", pid });
    house.want(wish({ desired: "stopped" }));
    await house.until((one) => one.status === "stopped");
  });

  it("lets two agents on one machine work side by side", async () => {
    const [one, two] = [await startedHouse(), await startedHouse()];
    one.want(wish());
    two.want(wish());
    const first = await one.until((seen) => seen.status === "started");
    await two.until((seen) => seen.status === "started");
    await two.instances().shutdown({ endKeepers: true });
    await waitFor(async () => (await processesBelow(two.root.path)).length === 0);
    expect(await isAlive(first.pid)).toBe(true);
    expect(one.observed().status).toBe("started");
  });
});
