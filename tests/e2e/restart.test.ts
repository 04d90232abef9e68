/** Ctrl-C and the start after it: everything ends, and everything is found as it was. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { type House, openHouse } from "./house.ts";
import { measured, until } from "./until.ts";

let house: House;
let auto: Instance;
let manual: Instance;
let never: Instance;
let before: { nodes: Node[]; instances: Instance[] };

/** All at once on a new node: they share folders, ports and the blueprint's source. */
const CROWD = ["one", "two", "three", "four"];

beforeAll(async () => {
  house = await openHouse();
  [auto, manual, never] = await Promise.all([
    house.api.install({ name: "auto", autostart: true }),
    house.api.install({ name: "manual" }),
    house.api.create({ name: "never started", start: false }),
    ...CROWD.map((name) => house.api.install({ name })),
  ]);
  before = { nodes: await house.api.nodes(), instances: await house.api.instances() };
});
afterAll(() => house?.close());

test("instances that are launched at once on a new node all run, each on a port of its own", () => {
  const ports = before.instances.filter(({ status }) => status === "started").map(({ port }) => port);
  expect(new Set(ports).size).toBe(CROWD.length + 2);
});

test("Ctrl-C ends everything at once and in order, also right after a stop, and leaves no process", async () => {
  const { id } = await house.api.install({ name: "passing" });
  await house.api.remove(id);
  measured("Ctrl-C → ended", await house.interrupt());
  expect(house.output).not.toContain("was killed");
  expect(house.processes()).toEqual([]);
  expect(house.output).toContain("Everything has ended.");
  expect(house.output).not.toMatch(/crash/i);
});

test("a second start finds every node and instance as they were", async () => {
  measured("second start → link", await house.start());
  await house.untilOnline();
  expect((await house.api.nodes()).map(lasting)).toEqual(before.nodes.map(lasting));
  expect((await house.api.instances()).map(lastingInstance)).toEqual(before.instances.map(lastingInstance));
});

test("an instance with autostart runs again, any other is stopped", async () => {
  const again = await house.api.untilStatus(auto.id, "started", 30_000);
  expect(again.value).toMatchObject({ desired: "running", port: auto.port });
  const rests = await house.api.untilStatus(manual.id, "stopped");
  expect(rests.value).toMatchObject({ desired: "stopped", port: manual.port });
  await house.api.untilStatus(never.id, "stopped");
});

test("a node that is removed leaves its apps running, joins anew at the next start, and shows them as unknown", async () => {
  const [node] = await house.api.nodes();
  const names = [auto.name];
  await house.api.delete(`/api/nodes/${node?.id}`);
  await until("the agent has ended", () => house.output.includes("was removed from the pool"));
  expect(house.keepers()).toHaveLength(names.length);
  await house.interrupt();
  expect(house.processes()).toEqual([]);
  await house.start();
  await house.untilOnline();
  const [again] = await house.api.nodes();
  expect(again?.id).not.toBe(node?.id);
  expect(await house.api.instances()).toEqual([]);
  const reportsThem = async (): Promise<boolean> => {
    const unknown = (await house.api.nodes())[0]?.unknownInstances.map(({ name }) => name) ?? [];
    return names.every((name) => unknown.includes(name));
  };
  await until("what the new node finds on its disk is reported", reportsThem);
});

function lasting({ id, name, createdAt }: Node | Instance) {
  return { id, name, createdAt };
}

function lastingInstance(instance: Instance) {
  const { slug, port, url, autostart } = instance;
  return { ...lasting(instance), slug, port, url, autostart };
}
