/** Installations taken away and made anew, of real instances. */
import { lstat, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type House, makeHouse, waitFor, wish } from "./harness.ts";

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

const folder = () => join(house.root.instancesDir, "in-1");

async function installed(): Promise<void> {
  house.want(wish());
  await house.until((one) => one.status === "started");
  await mkdir(join(folder(), "app"));
  await writeFile(join(folder(), "launch_args.txt"), "--lowvram");
  await mkdir(join(house.root.modelsDir, "big"), { recursive: true });
  await symlink(join(house.root.modelsDir, "big"), join(folder(), "models"));
}

it("[RC13] takes all away but what a person put there, at rest too, and nothing through a link", async () => {
  await installed();
  house.want(wish({ desired: "stopped", generation: 2 }));
  await house.until((one) => one.status === "stopped");
  house.want(wish({ desired: "stopped", generation: 3, resets: 1 }));
  await waitFor(async () => (await readdir(folder())).length === 1);
  expect(await readdir(folder())).toEqual(["launch_args.txt"]);
  expect((await lstat(join(house.root.modelsDir, "big"))).isDirectory()).toBe(true);
});

it("[RC13] stops what runs first, installs as for the first time, and is done once", async () => {
  await installed();
  const again = wish({ epoch: 2, generation: 2, resets: 1 });
  house.want(again);
  const first = await house.until((one) => one.epoch === 2 || one.status === "installing");
  expect(["stopping", "installing", "started"]).toContain(first.status);
  await house.until((one) => one.epoch === 2 && one.status === "started");
  expect(await readdir(folder())).toEqual(["launch_args.txt"]);
  await writeFile(join(folder(), "new"), "");
  await house.restart({ endKeepers: false });
  house.want(again);
  await house.until((one) => one.status === "started");
  expect((await readdir(folder())).toSorted()).toEqual(["launch_args.txt", "new"]);
});

it("[RC13] is not done for a count that went back, and done again for the next one after that", async () => {
  house.want(wish({ resets: 4 }));
  await house.until((one) => one.status === "started");
  await writeFile(join(folder(), "kept"), "");
  const back = wish({ desired: "stopped", generation: 2, resets: 1 });
  house.want(back);
  await house.until((one) => one.generation === 2 && one.status === "stopped");
  expect(await readdir(folder())).toContain("kept");
  house.want({ ...back, generation: 3, resets: 2 });
  await waitFor(async () => (await readdir(folder())).length === 0);
});

it("[RC13] waits for the satellites that work there", async () => {
  await installed();
  const satellite = wish({ id: "in_2", parent: "in_1" });
  house.want(wish(), satellite);
  await house.until((one) => one.status === "started", "in_2");
  const reset = wish({ desired: "stopped", generation: 2, resets: 1 });
  house.want(reset, satellite);
  await house.until((one) => one.generation === 2 && one.status === "stopped");
  expect(await readdir(folder())).toContain("app");
  house.want(reset, wish({ id: "in_2", parent: "in_1", desired: "stopped", generation: 2 }));
  await house.until((one) => one.status === "stopped", "in_2");
  await waitFor(async () => (await readdir(folder())).length === 1);
});
