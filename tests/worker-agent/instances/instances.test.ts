import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { hashSecret } from "@roundhouse/protocol/ids";
import { isAlive, makeHouse, processesBelow, waitFor, wish, type House } from "./harness.ts";

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

async function answerOf(port: number | null): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/`)).text();
}

describe("starting", () => {
  it("installs an instance, reports it as started once it answers, and gives its port to the tunnel", async () => {
    house.want(wish({ generation: 7 }));
    expect(house.observed()).toMatchObject({ status: "installing", generation: 7, pid: null });
    const started = await house.until((one) => one.status === "started");
    expect(started).toMatchObject({ epoch: 1, port: house.portPool.first, reason: null, exposed: [] });
    expect(await answerOf(started.port)).toBe(String(started.pid));
    expect(house.instances().portsOf("in_1")).toEqual([started.port]);
    expect(started.lastLines.join("\n")).toContain("web begins");
  });

  it("does nothing when the same wish comes again", async () => {
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    house.want(wish({ generation: 2 }));
    await house.until((one) => one.generation === 2);
    expect(house.observed()).toMatchObject({ pid, status: "started", generation: 2 });
  });

  it("restarts for another epoch, keeps the port, and calls a later start starting", async () => {
    house.want(wish());
    const first = await house.until((one) => one.status === "started");
    house.want(wish({ epoch: 2, generation: 2 }));
    expect(house.observed().status).toBe("stopping");
    await house.until((one) => one.status === "starting");
    const second = await house.until((one) => one.status === "started");
    expect(second.pid).not.toBe(first.pid);
    expect(second).toMatchObject({ epoch: 2, port: first.port });
    expect(await isAlive(first.pid)).toBe(false);
  });

  it("gives two instances that start together different ports", async () => {
    house.want(wish(), wish({ id: "in_2" }));
    const one = await house.until((one) => one.status === "started");
    const two = await house.until((one) => one.status === "started", "in_2");
    expect(one.port).not.toBe(two.port);
  });

  it("leaves a port to the instance that was promised it", async () => {
    house.want(wish({ id: "in_2", desired: "stopped", port: house.portPool.first }), wish());
    const { port } = await house.until((one) => one.status === "started");
    expect(port).toBe(house.portPool.first + 1);
  });

  it("names the process that uses the wanted port", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(house.portPool.first, "127.0.0.1", done));
    house.want(wish({ port: house.portPool.first }));
    const { reason } = await house.until((one) => one.status === "error");
    server.close();
    expect(reason?.code).toBe("port_in_use");
    expect(reason?.message).toContain(`pid ${process.pid}`);
    expect(await processesBelow(house.root.path)).toEqual([]);
  });

  it("shows what a blueprint's runtime objects to, and anything else it throws", async () => {
    house.want(wish({ script: "refuses" }), wish({ id: "in_2", script: "breaks" }));
    const one = await house.until((one) => one.status === "error");
    expect(one.reason).toEqual({ code: "bad_script", message: "it has no metadata", hint: "add some" });
    const two = await house.until((one) => one.status === "error", "in_2");
    expect(two.reason).toMatchObject({ code: "launch_failed", message: "no such luck" });
  });

  it("has no folders to show while its outputs would lie outside", async () => {
    house.want(wish({ script: "installs" }));
    await house.until((one) => one.pid !== null);
    expect(house.instances().foldersOf("in_1")?.outputs).toBe(join(house.root.outputsDir, "in_1"));
    const file = join(house.root.stateDir, "in_1", "state.json");
    await house.instances().shutdown({ endKeepers: true });
    const state = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...state, desired: { ...state.desired, outputPath: "../elsewhere" } }));
    await house.restart({ endKeepers: true });
    expect(house.instances().foldersOf("in_1")).toBeUndefined();
  });

  it("asks for a missing source, and goes on when it comes", async () => {
    const source = "echo from source; exec node $FIXTURES/web.mjs";
    const blueprint = { name: "from-source", kind: "bash" as const, digest: await hashSecret(source) };
    house.want(wish({ blueprint }));
    await waitFor(() => house.wantedBlueprints.length > 0);
    expect(house.wantedBlueprints).toEqual([blueprint.digest]);
    await house.instances().provideBlueprint({ type: "control.blueprint", ...blueprint, source: "something else" });
    expect(house.observed()).toMatchObject({ status: "installing", reason: { code: "waiting_for_blueprint" } });
    await house.instances().provideBlueprint({ type: "control.blueprint", ...blueprint, source });
    await house.until((one) => one.status === "started");
  });

  it("[RC8] refuses to launch what this node lacks, and launches it when it has it", async () => {
    const header = "### AIKORE-METADATA-START ###\n# aikore.needs_disk = 20GiB\n### AIKORE-METADATA-END ###\n";
    const source = `${header}exec node $FIXTURES/web.mjs`;
    const blueprint = { name: "from-source", kind: "bash" as const, digest: await hashSecret(source) };
    await house.instances().provideBlueprint({ type: "control.blueprint", ...blueprint, source });
    house.want(wish({ blueprint }));
    const refused = await house.until((one) => one.status === "error");
    expect(refused.reason).toMatchObject({
      code: "node_lacks",
      message: "it cannot run on this node: it needs 20 GiB of free disk space; 10 GiB are free there",
    });
    expect(await readdir(house.root.instancesDir)).toEqual([]);
    house.setFacts({ disk: { path: "/", totalBytes: 50 * 1024 ** 3, freeBytes: 30 * 1024 ** 3 } });
    house.want(wish({ blueprint, epoch: 2, generation: 2 }));
    await house.until((one) => one.status === "started");
    // What has run once needs no room any more.
    house.setFacts({});
    house.want(wish({ blueprint, epoch: 3, generation: 3 }));
    await house.until((one) => one.epoch === 3 && one.status === "started");
  });

  it("reports a port that is open on every interface", async () => {
    house.want(wish({ script: "everywhere" }));
    const started = await house.until((one) => one.status === "started");
    expect(started.exposed).toEqual([started.port]);
  });
});

describe("ending", () => {
  it("stops an instance with everything it started", async () => {
    house.want(wish({ script: "daemonises" }));
    await house.until((one) => one.status === "started");
    const daemon = Number(await readFile(join(house.root.instancesDir, "in-1", "daemon.pid"), "utf8"));
    expect(await isAlive(daemon)).toBe(true);
    house.want(wish({ script: "daemonises", desired: "stopped" }));
    await house.until((one) => one.status === "stopped");
    expect(await isAlive(daemon)).toBe(false);
    await waitFor(async () => (await processesBelow(house.root.path)).length === 0);
    expect(house.instances().portsOf("in_1")).toEqual([]);
  });

  it("stops at once during an installation", async () => {
    house.want(wish({ script: "installs" }));
    await house.until((one) => one.pid !== null);
    const beganMs = Date.now();
    house.want(wish({ script: "installs", desired: "stopped" }));
    await house.until((one) => one.status === "stopped");
    expect(Date.now() - beganMs).toBeLessThan(5_000);
  });

  it("does not start what is stopped again before its launch is prepared", async () => {
    house.want(wish());
    house.want(wish({ desired: "stopped", generation: 2 }));
    await house.until((one) => one.status === "stopped" && one.generation === 2);
    expect(await processesBelow(house.root.path)).toEqual([]);
  });

  it("reports an app that fails with its exit code and last lines", async () => {
    house.want(wish({ script: "fails" }));
    const failed = await house.until((one) => one.status === "error");
    expect(failed).toMatchObject({ exitCode: 3, signal: null, pid: null, reason: { code: "exited" } });
    expect(failed.lastLines.slice(-2)).toEqual(["one", "two"]);
  });

  it("reports an app that was killed within 3 s", async () => {
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    const beganMs = Date.now();
    process.kill(pid ?? 0, "SIGKILL");
    const killed = await house.until((one) => one.status === "error");
    expect(killed).toMatchObject({ signal: "SIGKILL", exitCode: null, reason: { code: "killed" } });
    expect(Date.now() - beganMs).toBeLessThan(3_000);
  });

  it("notices an app that died below a script that sleeps on, and ends the script", async () => {
    house.want(wish({ script: "sleeps-on" }));
    await house.until((one) => one.status === "started");
    const app = (await readFile(join(house.root.instancesDir, "in-1", "app.pid"), "utf8")).split(" ")[1];
    const beganMs = Date.now();
    process.kill(Number(app), "SIGKILL");
    const gone = await house.until((one) => one.status === "error");
    expect(Date.now() - beganMs).toBeLessThan(5_000);
    expect(gone).toMatchObject({ exitCode: null, signal: null, reason: { code: "app_gone" } });
    await waitFor(async () => (await processesBelow(house.root.path)).length === 0);
    expect(house.observed()).toMatchObject({ status: "error", reason: { code: "app_gone" }, pid: null });
  });

  it("ends what is left when the keeper is killed", async () => {
    house.want(wish());
    const { pid } = await house.until((one) => one.status === "started");
    const record = JSON.parse(await readFile(join(house.root.stateDir, "in_1", "keeper.json"), "utf8"));
    process.kill(record.keeperPid, "SIGKILL");
    const lost = await house.until((one) => one.status === "error");
    expect(lost.reason?.code).toBe("keeper_lost");
    await waitFor(async () => !(await isAlive(pid)));
    await waitFor(async () => (await readdir(house.root.runDir)).length === 0);
  });

  it("starts an app that died again when its policy says so", async () => {
    house.want(wish({ script: "ends-well", restartPolicy: "always" }));
    await house.until((one) => one.status === "error" && one.reason?.hint?.includes("1 of 10") === true);
    const again = await house.until((one) => one.reason?.hint?.includes("2 of 10") === true);
    expect(again.lastLines.filter((line) => line.startsWith("── launch"))).toHaveLength(2);
    house.want(wish({ script: "ends-well", restartPolicy: "always", desired: "stopped" }));
    await house.until((one) => one.status === "stopped");
  });
});

describe("changing one's mind", () => {
  it("ends where the last wish points, with one app at most, however fast wishes come", async () => {
    let pick = 7;
    const random = (below: number) => (pick = (pick * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    let epoch = 1;
    for (let n = 0; n < 25; n++) {
      const desired = random(3) === 0 ? "stopped" : "running";
      if (random(2) === 0) epoch += 1;
      house.want(wish({ desired, epoch, generation: n }));
      await new Promise((done) => setTimeout(done, random(120)));
    }
    house.want(wish({ epoch: 99, generation: 99 }));
    const last = await house.until((one) => one.status === "started" && one.epoch === 99);
    expect(last.generation).toBe(99);
    await waitFor(async () => (await processesBelow(house.root.path)).length === 2);
    expect(await answerOf(last.port)).toBe(String(last.pid));
  });

  it("says nothing while nothing changes", async () => {
    house.want(wish());
    await house.until((one) => one.status === "started");
    await new Promise((done) => setTimeout(done, 300));
    house.changes.length = 0;
    await new Promise((done) => setTimeout(done, 3_000));
    expect(house.changes).toEqual([]);
  });
});

describe("deleting", () => {
  it("removes folder, record and logs, and says gone until it is no longer asked about", async () => {
    house.want(wish());
    await house.until((one) => one.status === "started");
    house.want(wish({ desired: "deleted" }));
    await waitFor(() => house.changes.some((change) => change.gone.includes("in_1")));
    expect(house.instances().observed()).toEqual([]);
    expect(await readdir(house.root.instancesDir)).toEqual([]);
    expect(await readdir(house.root.stateDir)).toEqual(["desired.json"]);
    await waitFor(async () => (await processesBelow(house.root.path)).length === 0);
    house.changes.length = 0;
    house.want(wish({ desired: "deleted" }));
    await waitFor(() => house.changes.some((change) => change.gone.includes("in_1")));
  });

  it("moves the folder to the trash when asked to", async () => {
    house.want(wish());
    await house.until((one) => one.status === "started");
    house.want(wish({ desired: "deleted", deleteMode: "trash" }));
    await waitFor(() => house.changes.some((change) => change.gone.includes("in_1")));
    expect(await readdir(house.root.instancesDir)).toEqual([]);
    expect((await readdir(house.root.trashDir))[0]).toMatch(/^in-1-\d{4}-/);
  });

  it.each(["permanent", "trash"] as const)(
    "removes links into the shared folders as links (%s)",
    async (deleteMode) => {
      house.want(wish());
      await house.until((one) => one.status === "started");
      const { instancesDir, modelsDir, datasetsDir, outputsDir } = house.root;
      for (const [name, store] of Object.entries({ models: modelsDir, "my data": datasetsDir, out: outputsDir })) {
        await mkdir(join(store, "shared one"), { recursive: true });
        await writeFile(join(store, "shared one/file"), "precious");
        await symlink(join(store, "shared one"), join(instancesDir, "in-1", name));
      }
      house.want(wish({ desired: "deleted", deleteMode }));
      await waitFor(() => house.changes.some((change) => change.gone.includes("in_1")));
      expect(await readdir(instancesDir)).toEqual([]);
      for (const store of [modelsDir, datasetsDir, outputsDir]) {
        expect(await readFile(join(store, "shared one/file"), "utf8")).toBe("precious");
      }
    },
  );

  it("leaves the parent's folder when a satellite goes", async () => {
    const satellite = wish({ id: "in_2", parent: "in_1" });
    house.want(wish(), satellite);
    await house.until((one) => one.status === "started");
    await house.until((one) => one.status === "started", "in_2");
    house.want(wish(), { ...satellite, desired: "deleted" });
    await waitFor(() => house.changes.some((change) => change.gone.includes("in_2")));
    expect(await readdir(house.root.instancesDir)).toEqual(["in-1"]);
    expect(house.observed().status).toBe("started");
  });

  it("removes a parent only after its satellites are removed", async () => {
    const satellite = wish({ id: "in_2", parent: "in_1", script: "slow-end" });
    house.want(wish(), satellite);
    await house.until((one) => one.status === "started");
    await house.until((one) => one.lastLines.includes("slow"), "in_2");
    house.want(wish({ desired: "deleted" }), { ...satellite, desired: "deleted" });
    await waitFor(() => house.changes.some((change) => change.gone.length > 0));
    expect(house.changes.flatMap((change) => change.gone)[0]).toBe("in_2");
    await waitFor(() => house.changes.some((change) => change.gone.includes("in_1")));
    expect(await readdir(house.root.instancesDir)).toEqual([]);
  });

  it("never gives or removes the folder of an instance that the control plane forgot", async () => {
    house.want(wish());
    await house.until((one) => one.status === "started");
    const namesake = wish({ id: "in_9", folder: "in-1" });
    house.want(namesake);
    expect(house.instances().unknown()).toMatchObject([{ id: "in_1", status: "started" }]);
    const refused = await house.until((one) => one.status === "error", "in_9");
    expect(refused.reason?.code).toBe("folder_taken");
    house.want({ ...namesake, desired: "deleted" });
    await waitFor(() => house.changes.some((change) => change.gone.includes("in_9")));
    expect(await readdir(house.root.instancesDir)).toEqual(["in-1"]);
    expect(house.instances().unknown()).toMatchObject([{ id: "in_1", status: "started" }]);
  });
});
