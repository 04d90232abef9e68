/** `kill -9` of each part: what was running goes on or is reported, and comes back by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { SLEEPS_ON } from "./blueprints.ts";
import { type House, openHouse } from "./house.ts";
import { ask } from "./http.ts";
import { isAlive, killHard, listeningOf } from "./processes.ts";
import { measured, until } from "./until.ts";

let house: House;
let hello: Instance;

beforeAll(async () => {
  house = await openHouse();
  hello = await house.api.install({ name: "hello" });
});
afterAll(() => house?.close());

/** The processes that listen on a port; more than one would be a second copy of the app. */
function listenersOn(port: number | null): number[] {
  const found = listeningOf(house.processes()).filter((one) => one.port === port);
  return [...new Set(found.map(({ pid }) => pid))];
}

function appPid(instance: Instance): number {
  const pids = listenersOn(instance.port);
  if (pids.length !== 1) throw new Error(`on port ${instance.port} listen: ${pids.join(", ") || "none"}`);
  return pids[0]!;
}

async function answers(instance: Instance, cookie: string): Promise<boolean> {
  const { hostname } = new URL(instance.url);
  const answer = await ask({ port: house.port, host: hostname, path: "/request", headers: { Cookie: cookie } });
  return answer.status === 200 && (JSON.parse(answer.text) as { method: string }).method === "GET";
}

const connections = (): number => house.output.split("connected to ").length - 1;

test("a killed agent leaves the app running, and the next one finds it", async () => {
  const cookie = await house.api.grantFor(hello.id);
  const app = appPid(hello);
  const agent = await house.agentPid();
  const before = connections();
  killHard(agent);
  const isRight = async (): Promise<boolean> => {
    expect(isAlive(app)).toBe(true);
    if (connections() === before) return false;
    const [node] = await house.api.nodes();
    return node?.status === "online" && (await house.api.instance(hello.id)).status === "started";
  };
  const options = { limitMs: 20_000, seen: () => house.output };
  const { tookMs } = await until("another agent is connected and says that the app runs", isRight, options);
  measured("agent killed → status right again", tookMs);
  expect(await house.agentPid()).not.toBe(agent);
  expect(appPid(hello)).toBe(app);
  expect(await answers(hello, cookie)).toBe(true);
});

test("a killed app is reported with its signal and last lines, and starts again", async () => {
  killHard(appPid(hello));
  const { value, tookMs } = await house.api.untilStatus(hello.id, "error", 15_000);
  measured("app killed → error", tookMs);
  expect(value).toMatchObject({ signal: "SIGKILL", reason: { code: "killed" } });
  expect(value.lastLines.join("\n")).toContain("Listening on");
  await house.api.start(hello.id);
  await house.api.untilStatus(hello.id, "started");
});

test("a killed app whose script sleeps on is noticed, and its script is ended", async () => {
  await house.api.addBlueprint("sleeps-on", SLEEPS_ON);
  const instance = await house.api.install({ name: "sleeper", blueprint: "sleeps-on" });
  const isSleeping = (): boolean => house.processes().some(({ command }) => command === "sleep infinity");
  expect(isSleeping()).toBe(true);
  killHard(appPid(instance));
  const { value, tookMs } = await house.api.untilStatus(instance.id, "error", 15_000);
  measured("app killed below a sleeping script → error", tookMs);
  expect(value).toMatchObject({ exitCode: null, reason: { code: "app_gone" } });
  expect(value.lastLines.join("\n")).toContain("serving");
  await until("the script has ended", () => !isSleeping());
  await house.api.remove(instance.id);
});

test("a killed workerd serves again, and nothing is lost", async () => {
  const cookie = await house.api.grantFor(hello.id);
  const app = appPid(hello);
  const before = { instances: await house.api.instances(), nodes: await house.api.nodes() };
  const runtimes = house.runtimes();
  expect(runtimes).toHaveLength(1);
  for (const { pid } of runtimes) killHard(pid);
  const isHealthy = async () =>
    (await ask({ port: house.port, path: "/health" }).catch(() => undefined))?.status === 200;
  measured("workerd killed → serving", (await until("it serves again", isHealthy, { limitMs: 20_000 })).tookMs);
  const isThere = () => answers(hello, cookie).catch(() => false);
  const { tookMs } = await until("the app answers with the grant of before", isThere, { limitMs: 30_000 });
  measured("… → the app answers at its URL, with the grant of before", tookMs);
  const { value } = await house.api.untilStatus(hello.id, "started");
  expect(value.startedAt).toBe(before.instances.find(({ id }) => id === hello.id)?.startedAt);
  expect(appPid(hello)).toBe(app);
  expect((await house.api.instances()).map(({ id }) => id)).toEqual(before.instances.map(({ id }) => id));
  expect((await house.api.nodes()).map(({ id }) => id)).toEqual(before.nodes.map(({ id }) => id));
});

test("a workerd that is killed again and again while it starts serves in the end", async () => {
  for (let blows = 0; blows < 40; blows += 1) {
    for (const { pid } of house.runtimes()) killHard(pid);
    await sleep(50);
  }
  const isHealthy = async () =>
    (await ask({ port: house.port, path: "/health" }).catch(() => undefined))?.status === 200;
  await until("it serves again", isHealthy, { limitMs: 20_000, seen: () => house.output });
  await house.api.untilStatus(hello.id, "started");
});

test("after the whole tree was killed, a second start finds nodes, instances and running apps", async () => {
  const app = appPid(hello);
  const nodes = await house.api.nodes();
  await house.killTree();
  expect(isAlive(app)).toBe(true);
  await house.start();
  await house.untilOnline();
  await house.api.untilStatus(hello.id, "started");
  expect(appPid(hello)).toBe(app);
  expect((await house.api.nodes()).map(({ id }) => id)).toEqual(nodes.map(({ id }) => id));
});

test("after keepers were killed too, apps with autostart run again, others rest, and no orphan holds a port", async () => {
  const auto = await house.api.install({ name: "auto", autostart: true });
  const orphans = [appPid(hello), appPid(auto)];
  expect(house.keepers()).toHaveLength(2);
  await house.killTree({ keepers: true });
  expect(orphans.every(isAlive)).toBe(true);
  await house.start();
  await house.untilOnline();
  await house.api.untilStatus(auto.id, "started", 30_000);
  await house.api.untilStatus(hello.id, "stopped", 30_000);
  expect(orphans.some(isAlive)).toBe(false);
  expect(listenersOn(hello.port)).toEqual([]);
  expect(listenersOn(auto.port)).toHaveLength(1);
});
