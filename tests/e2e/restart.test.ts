/** Ctrl-C and the start after it: everything ends, and everything is found as it was. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance, Node } from "@roundhouse/protocol/api";
import { type House, openHouse } from "./house.ts";
import { measured } from "./until.ts";

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
  const tookMs = await house.interrupt();
  measured("Ctrl-C → ended", tookMs);
  // Past this, the agent would have been killed instead of ending by itself.
  expect(tookMs).toBeLessThan(7_500);
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

function lasting({ id, name, createdAt }: Node | Instance) {
  return { id, name, createdAt };
}

function lastingInstance(instance: Instance) {
  const { slug, port, url, autostart } = instance;
  return { ...lasting(instance), slug, port, url, autostart };
}
