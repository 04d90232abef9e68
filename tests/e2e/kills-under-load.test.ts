/** Thirty kills of the agent, of workerd and of both, at random moments of a busy minute: nothing that was accepted is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepOneAppEach, leaveNoOrphan, reachTheirWishes } from "../chaos/invariants.ts";
import { Load } from "../chaos/load.ts";
import { randomFrom } from "../chaos/random.ts";
import { ask, killAtTheLink, type Wishes } from "../chaos/storm.ts";
import { type House, openHouse } from "./house.ts";
import { until } from "./until.ts";

const KILLS = 30;
const LONGEST_PAUSE_MS = 2_500;
const SEED = 20_261;

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house?.close());

test("whatever is killed at the link, calls end for certain, wishes and writes are kept, and apps are adopted", async () => {
  const { load, instance } = await Load.on(house);
  const moving = await house.api.install({ name: "moving" });
  const wishes: Wishes = new Map([
    [instance.id, "running"],
    [moving.id, "running"],
  ]);
  const random = randomFrom(SEED);
  for (let kills = 0; kills < KILLS;) {
    await sleep(random.below(LONGEST_PAUSE_MS));
    if (killAtTheLink(house, random) !== undefined) kills += 1;
    if (kills % 5 !== 0) continue;
    const wish = random.pick(["running", "stopped"] as const) ?? "running";
    await ask(house, moving.id, wish);
    wishes.set(moving.id, wish);
  }
  await load.stop();
  process.stdout.write(`  ${KILLS} kills: ${load.whole} calls whole, ${load.broken} told that they broke\n`);
  await house.untilOnline(30_000);
  expect(await reachTheirWishes(house, wishes), house.output).toEqual([]);
  await expectCalm(wishes);
  expect(await load.judge()).toEqual([]);
  const after = await house.api.instance(instance.id);
  expect(after.startedAt, "the app was never started anew").toBe(instance.startedAt);
  expect(load.whole).toBeGreaterThan(KILLS);
});

async function expectCalm(wishes: Wishes): Promise<void> {
  let wrong: string[] = [];
  const isCalm = async (): Promise<boolean> => {
    wrong = [...keepOneAppEach(house, await house.api.instances(), wishes), ...leaveNoOrphan(house, wishes)];
    return wrong.length === 0;
  };
  await until("every process is where it belongs", isCalm, { limitMs: 30_000, seen: () => wrong.join("\n") });
}
