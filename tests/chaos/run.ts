/** `npm run chaos [-- minutes [seed [kills]]]`: kills parts of the product at random under load and among runs of jobs, checks that all is well, and shakes the multiplexer. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { buildAll } from "../../scripts/build.ts";
import { SLEEPS_ON } from "../e2e/blueprints.ts";
import { type House, openHouse } from "../e2e/house.ts";
import { until } from "../e2e/until.ts";
import { Load } from "./load.ts";
import { keepOneAppEach, leaveNoOrphan, reachTheirWishes } from "./invariants.ts";
import { rageAmongJobs } from "./jobs.ts";
import { shakeMultiplexer } from "./multiplexer.ts";
import { randomFrom } from "./random.ts";
import { strike, type Wishes } from "./storm.ts";

const LONGEST_PAUSE_MS = 2_500;
const CALM_LIMIT_MS = 30_000;

const minutes = Number(process.argv[2] ?? 5);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 1e9));
const kills = Number(process.argv[4] ?? 1000);
if (!(minutes > 0 && minutes <= 60) || !Number.isInteger(seed) || !(kills >= 0 && kills <= 10_000)) {
  process.stderr.write(
    "npm run chaos [-- minutes [seed [kills]]]: at most 60 minutes, a whole number as the seed, at most 10,000 kills among jobs\n",
  );
  process.exit(2);
}
say(`${minutes} min, seed ${seed}, then ${kills} kills among jobs`);
await buildAll(say);
const house = await openHouse();
try {
  const problems = await rage(house);
  for (const problem of problems) say(`WRONG: ${problem}`);
  if (problems.length > 0) say(`the instances: ${JSON.stringify(await house.api.instances(), null, 2)}`);
  if (problems.length > 0) say(`the product's output:\n${house.output}`);
  say(problems.length === 0 ? "all is well" : `not well; repeat with seed ${seed}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await house.close();
}
const failed = shakeMultiplexer();
for (const side of failed) say(`WRONG: ${side}`);
const doubled = await rageAmongJobs(kills, seed, say);
for (const problem of doubled) say(`WRONG: ${problem}`);
if (failed.length + doubled.length > 0) process.exitCode = 1;

async function rage({ api }: House): Promise<string[]> {
  await api.addBlueprint("sleeps-on", SLEEPS_ON);
  const instances = await Promise.all([
    api.install({ name: "never" }),
    api.install({ name: "always", restartPolicy: "always" }),
    api.install({ name: "on failure", restartPolicy: "on-failure", autostart: true }),
    api.install({ name: "sleeps on", blueprint: "sleeps-on" }),
  ]);
  const { load, instance } = await Load.on(house);
  const wishes: Wishes = new Map([...instances, instance].map(({ id }) => [id, "running"]));
  const random = randomFrom(seed);
  let deeds = 0;
  for (const end = Date.now() + minutes * 60_000; Date.now() < end; deeds++) {
    say(await strike(house, [...instances, instance], wishes, random));
    await sleep(random.below(LONGEST_PAUSE_MS));
  }
  await load.stop();
  say(`${deeds} deeds done, ${load.whole} calls whole, ${load.broken} told that they broke; waiting for calm`);
  const problems = await judge([...instances, instance], wishes);
  // The storm may have stopped it.
  wishes.set(instance.id, "running");
  return [...problems, ...(await reachTheirWishes(house, wishes)), ...(await load.judge())];
}

async function judge(instances: readonly Instance[], wishes: Wishes): Promise<string[]> {
  await house.untilOnline(CALM_LIMIT_MS);
  const unmet = await reachTheirWishes(house, wishes);
  if (unmet.length > 0) return unmet;
  const known = new Set((await house.api.instances()).map(({ id }) => id));
  const lost = instances.filter(({ id }) => !known.has(id)).map(({ name }) => `${name} is lost`);
  let problems: string[] = [];
  const isCalm = async (): Promise<boolean> => {
    // As they are now: one whose port was taken while it was down has moved to another.
    problems = [...keepOneAppEach(house, await house.api.instances(), wishes), ...leaveNoOrphan(house, wishes)];
    return problems.length === 0;
  };
  await until("processes and ports are as they should be", isCalm, { limitMs: CALM_LIMIT_MS }).catch(() => undefined);
  return [...lost, ...problems];
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
