/** Ports of real apps: one that ignores the port it was given, others by name, and two that want the same. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { hashSecret } from "@roundhouse/protocol/ids";
import type { DesiredInstance, ObservedInstance } from "@roundhouse/protocol/instance";
import { isInPool } from "../../../worker-agent/src/host/ports.ts";
import { makeHouse, wish, type House } from "./harness.ts";

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

/** A port beside the pool; which one, the app is told in a variable, as a stand-in for a number in its script. */
const own = () => ({ name: "own", port: house.portPool.last + 1, env: "OWN_PORT" });
const API = { name: "api", port: null, env: "API_PORT" };

it("[PT2] an app that chooses its port itself is started when it answers there, and all its ports are told", async () => {
  house.want(wish({ script: "chooses-itself", ports: [own(), API] }));
  const started = await house.until((one) => one.status === "started");
  expect(started.port).toBe(house.portPool.first);
  const { ports } = await house.until((one) => one.ports.filter((port) => port.http).length === 3);
  expect(ports.map((one) => one.name)).toEqual(["main", "own", "api"]);
  const [main, , api] = ports;
  expect(main?.port).toBe(own().port);
  expect(isInPool(house.portPool, api?.port ?? 0)).toBe(false);
  expect(house.instances().portsOf("in_1").toSorted()).toEqual([started.port, main?.port, api?.port].toSorted());
});

it("a number that the node allotted stays over restarts of the app and of the agent", async () => {
  const apiPort = (one: ObservedInstance) => one.ports.find((port) => port.name === "api")?.port;
  const app = { script: "chooses-itself", ports: [own(), API] };
  house.want(wish(app));
  const first = await house.until((one) => apiPort(one) !== undefined);
  house.want(wish({ ...app, epoch: 2, generation: 2 }));
  const second = await house.until((one) => one.epoch === 2 && apiPort(one) !== undefined);
  await house.restart({ endKeepers: false });
  const adopted = await house.until((one) => apiPort(one) !== undefined);
  expect([apiPort(second), apiPort(adopted)]).toEqual([apiPort(first), apiPort(first)]);
});

it("a second one that declares the same number is refused, with the name of the first", async () => {
  house.want(wish({ script: "chooses-itself", ports: [own()] }));
  await house.until((one) => one.ports.some((port) => port.name === "own"));
  const second = wish({ id: "in_2", script: "chooses-itself", ports: [own()] });
  house.want(wish({ script: "chooses-itself", ports: [own()] }), second);
  const { reason } = await house.until((one) => one.status === "error", "in_2");
  expect(reason).toMatchObject({ code: "port_in_use", message: expect.stringContaining("in_1") });
});

it("one that dies because another has its port says so", async () => {
  const first = wish({ script: "chooses-itself", ports: [own()] });
  house.want(first);
  await house.until((one) => one.ports.some((port) => port.name === "own"));
  // Nothing is declared, as nothing is in a script with a number of its own.
  const script = `exec python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", ${own().port}))'`;
  const blueprint = { name: "from-source", kind: "bash" as const, digest: await hashSecret(script) };
  await house.instances().provideBlueprint({ type: "control.blueprint", ...blueprint, source: script });
  house.want(first, wish({ id: "in_2", blueprint }));
  const { reason } = await house.until((one) => one.status === "error", "in_2");
  const message = `port ${own().port} is in use already by the instance "in_1"`;
  // A log line may name no number: then what is in use is told.
  const perhaps = `a port that the app wants is in use already (in use now: ${own().port} by the instance "in_1")`;
  expect(reason?.code).toBe("port_in_use");
  expect([message, perhaps]).toContain(reason?.message);
});

it("a whole pool of apps runs, and one more is told which pool is used up and by how many", async () => {
  const last = house.portPool.first + 2;
  const small = { first: house.portPool.first, last };
  const wishes = ["in_1", "in_2", "in_3"].map((id) => wish({ id }));
  house.instances().applyDesired({ type: "control.desired", portPool: small, instances: wishes });
  for (const { id } of wishes) await house.until((one) => one.status === "started", id);
  const ports = wishes.map(({ id }) => house.observed(id).port).toSorted();
  expect(ports).toEqual([small.first, small.first + 1, last]);
  const all = [...wishes, wish({ id: "in_4" })];
  house.instances().applyDesired({ type: "control.desired", portPool: small, instances: all });
  const { reason } = await house.until((one) => one.status === "error", "in_4");
  expect(reason).toMatchObject({
    code: "no_free_port",
    message: `no port from ${small.first} to ${last} is free: running instances use 3 of 3`,
  });
});

it("an app gets the last port from one that is being stopped, however long that takes", async () => {
  const one = { first: house.portPool.first, last: house.portPool.first };
  const want = (...instances: DesiredInstance[]) =>
    house.instances().applyDesired({ type: "control.desired", portPool: one, instances });
  const first = wish({ script: "slow-end" });
  want(first);
  await house.until((seen) => seen.lastLines.includes("slow"));
  want(wish({ ...first, script: "slow-end", desired: "stopped", generation: 2 }), wish({ id: "in_2" }));
  expect((await house.until((seen) => seen.status === "started", "in_2")).port).toBe(one.first);
  expect(house.observed().status).toBe("stopped");
});

it("an app keeps its port when the pool moves, and gets one of the new pool at its next launch", async () => {
  house.want(wish());
  const { port } = await house.until((one) => one.status === "started");
  const moved = { first: house.portPool.first + 10, last: house.portPool.last };
  house.instances().applyDesired({ type: "control.desired", portPool: moved, instances: [wish({ generation: 2 })] });
  expect((await house.until((one) => one.generation === 2)).port).toBe(port);
  const again = wish({ generation: 3, epoch: 2 });
  house.instances().applyDesired({ type: "control.desired", portPool: moved, instances: [again] });
  expect((await house.until((one) => one.epoch === 2 && one.status === "started")).port).toBe(moved.first);
});
