import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type House, makeHouse, wish } from "./harness.ts";

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

const member = (number: number, script: string) =>
  wish({ id: `in_${number}`, parent: number === 1 ? null : "in_1", script });

describe("a family on one installation", () => {
  it("[RC9] launches one after the other, so that no two install in it at once, and all run in the end", async () => {
    house.want(...[1, 2, 3].map((number) => member(number, "works-alone")));
    await house.until((one) => one.status === "started");
    const [waiting, ...others] = ["in_2", "in_3"]
      .map((id) => house.observed(id))
      .filter(({ reason }) => reason?.code === "waiting_for_family");
    expect([waiting?.status, others]).toEqual(["installing", []]);
    expect(waiting?.reason?.message).toMatch(/^waiting until "in_[23]" has started: they share one installation$/);
    const ports = [];
    for (const id of ["in_1", "in_2", "in_3"]) {
      ports.push((await house.until((one) => one.status === "started", id)).port);
    }
    expect(new Set(ports).size).toBe(3);
  });

  it("[RC9] lets the next one go when a launch fails, and when it is stopped", async () => {
    const satellites = [member(2, "fails"), member(3, "web")];
    house.want(member(1, "installs"), ...satellites);
    await house.until((one) => one.lastLines.includes("installing for ever"));
    expect(house.observed("in_2").reason?.code).toBe("waiting_for_family");
    house.want({ ...member(1, "installs"), desired: "stopped", generation: 2 }, ...satellites);
    await house.until((one) => one.status === "error", "in_2");
    await house.until((one) => one.status === "started", "in_3");
  });

  it("[RC9] holds nobody else back", async () => {
    house.want(wish({ script: "installs" }), wish({ id: "in_9", script: "web" }));
    await house.until((one) => one.status === "started", "in_9");
    expect(house.observed().status).toBe("installing");
  });

  it("[RC9] waits for what an earlier agent launched", async () => {
    house.want(member(1, "installs"));
    await house.until((one) => one.lastLines.includes("installing for ever"));
    await house.restart({ endKeepers: false });
    house.want(member(1, "installs"), member(2, "web"));
    await house.until((one) => one.reason?.code === "waiting_for_family", "in_2");
    expect(house.observed().status).toBe("installing");
  });
});
