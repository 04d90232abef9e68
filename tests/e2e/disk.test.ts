/** A node whose disk fills up, and one whose disk is read-only: it says so, keeps what runs, and never falls over. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import type { Node } from "@roundhouse/protocol/api/node";
import { errorOf } from "./api.ts";
import { canMount, MemoryDisk } from "../machines/memory-disk.ts";
import { freePort, type House, makeHouse } from "./house.ts";
import { ask } from "./http.ts";
import { isAlive, killHard, processesNaming } from "./processes.ts";
import { until } from "./until.ts";

const PROGRAM = join(import.meta.dirname, "../../worker-agent/dist/agent.mjs");
/** The agent looks at its disk this often. */
const LOOK_LIMIT_MS = 60_000;

let house: House;
let temp: string;
let disk: MemoryDisk;
let data: string;
let agent: ChildProcess | undefined;
let output = "";

beforeAll(async () => {
  house = await makeHouse(await freePort(), { ROUNDHOUSE_NO_LOCAL_NODE: "1" });
  await house.start();
  temp = await mkdtemp(join(tmpdir(), "roundhouse-disk-"));
  await chmod(temp, 0o711);
  disk = new MemoryDisk(join(temp, "disk"));
  data = join(disk.path, "data");
});
afterAll(async () => {
  await house?.close();
  for (const { pid } of processesNaming(temp)) killHard(pid);
  disk?.close();
  await rm(temp, { recursive: true, force: true });
});

async function startAgent(...args: string[]): Promise<void> {
  output = "";
  const started = spawn(process.execPath, [PROGRAM, "--data", data, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [started.stdout, started.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  agent = started;
  await until("the agent is connected", () => output.includes(" connected to "), { seen: () => output });
}

async function endAgent(signal: NodeJS.Signals): Promise<void> {
  const ended = once(agent!, "exit");
  agent!.kill(signal);
  await ended;
}

async function joining(): Promise<string[]> {
  return ["--token", (await house.api.post<NewJoinToken>("/api/join-tokens", {})).token, "--platform", "local"];
}

async function node(name: string): Promise<Node> {
  const found = (await house.api.nodes()).find((one) => one.name === name);
  if (!found) throw new Error(`no node ${name}`);
  return found;
}

async function untilMode(name: string, mode: string): Promise<Node> {
  const look = async () => {
    const seen = await node(name);
    return seen.facts?.hosting?.mode.mode === mode && seen;
  };
  return (await until(`${name} is in ${mode} mode`, look, { limitMs: LOOK_LIMIT_MS, seen: () => output })).value;
}

async function answers(instance: Instance): Promise<boolean> {
  const Cookie = await house.api.grantFor(instance.id);
  return (
    (await ask({ port: house.port, host: new URL(instance.url).hostname, path: "/", headers: { Cookie } })).status ===
    200
  );
}

describe.skipIf(!canMount)("a node on a disk of its own", () => {
  let app: Instance;

  test("that fills up keeps its app, says so, and refuses new ones", async () => {
    disk.mount("600m");
    await startAgent(...(await joining()), "--name", "small");
    app = await house.api.install({ name: "steady", node: (await node("small")).id });
    disk.fill();
    const { facts } = await untilMode("small", "minimal");
    expect(facts?.hosting?.mode).toMatchObject({ reason: expect.stringContaining("ENOSPC") });
    expect(output).toContain("minimal mode: the disk of");
    expect(await answers(app)).toBe(true);
    const wish = { name: "late", blueprint: "hello", node: (await node("small")).id, start: true };
    const refused = await house.api.call("POST", "/api/instances", wish);
    expect(refused.status).toBe(409);
    expect(errorOf(refused)).toMatchObject({ code: "node_lacks", message: expect.stringContaining("minimal mode") });
  });

  test("whose agent is killed while it is full is adopted with its app, which goes on and can be stopped", async () => {
    const keepers = processesNaming(temp).filter(({ command }) => command.includes("keeper-"));
    await endAgent("SIGKILL");
    await startAgent();
    expect((await house.api.untilStatus(app.id, "started")).value.id).toBe(app.id);
    expect(keepers.every((keeper) => isAlive(keeper.pid))).toBe(true);
    expect(await answers(app)).toBe(true);
    await house.api.stop(app.id);
    await house.api.untilStatus(app.id, "stopped", 60_000);
    expect(agent?.exitCode).toBeNull();
  });

  test("that has room again takes launches again", async () => {
    await rm(join(disk.path, "filler"));
    await untilMode("small", "full");
    await house.api.start(app.id);
    await house.api.untilStatus(app.id, "started", 60_000);
    expect(await answers(app)).toBe(true);
  });

  test("that is read-only stays the node it is, tells its stats, and refuses launches with the reason", async () => {
    await house.api.stop(app.id);
    await house.api.untilStatus(app.id, "stopped", 60_000);
    await endAgent("SIGTERM");
    const { id } = await node("small");
    disk.remount("ro");
    await startAgent();
    const shown = await untilMode("small", "read-only");
    expect(shown).toMatchObject({
      id,
      status: "online",
      facts: { hosting: { mode: { reason: expect.stringContaining("EROFS") } } },
    });
    const stats = await house.api.get<{ items: unknown[] }>(`/api/nodes/${id}/stats`);
    expect(stats.items.length).toBeGreaterThan(0);
    const refused = await house.api.call("POST", `/api/instances/${app.id}/start`);
    expect(errorOf(refused)).toMatchObject({ code: "node_lacks", message: expect.stringContaining("read-only mode") });
    expect(await house.api.log(app.id)).toContain("Listening on");
    await endAgent("SIGTERM");
  });

  test("that is read-only and empty joins from a temporary folder, and moves in once it may", async () => {
    data = join(disk.path, "other");
    await startAgent(...(await joining()), "--name", "homeless");
    const { id } = await untilMode("homeless", "read-only");
    expect(output).toContain("kept in a temporary folder");
    disk.remount("rw");
    await until("the node has moved", () => output.includes("this node moves there"), { limitMs: LOOK_LIMIT_MS });
    expect((await untilMode("homeless", "full")).id).toBe(id);
    const made = await house.api.install({ name: "settled", node: id });
    expect(made.status).toBe("started");
    await endAgent("SIGUSR2");
    expect(agent?.exitCode).toBe(4);
  });

  test("that is moved to another machine with its data root is the same node, with its instances", async () => {
    const { id } = await node("homeless");
    data = join(temp, "moved");
    spawnSync("cp", ["-a", join(disk.path, "other"), data]);
    await startAgent("--platform", "vast");
    const look = async () => (await node("homeless")).platform === "vast";
    await until("the node is seen on its new platform", look, { seen: () => output });
    expect(await node("homeless")).toMatchObject({
      id,
      status: "online",
      facts: { hosting: { detectedBy: "option" } },
    });
    const [instance] = (await house.api.instances()).filter((one) => one.node === id);
    await house.api.start(instance!.id);
    await house.api.untilStatus(instance!.id, "started", 60_000);
    await endAgent("SIGUSR2");
  });
});
