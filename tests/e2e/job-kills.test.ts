/** No effect is lost and none happens twice, whatever is killed while runs are under way. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomFrom } from "../chaos/random.ts";
import { type House, openHouse } from "./house.ts";
import { killAmongRuns } from "./job-kills.ts";
import { Jobs, OPEN_POLICY } from "./jobs.ts";
import { ScriptedModel } from "./scripted-model.ts";

const KILLS = 30;
const LIMIT_MS = 400_000;

let house: House;
let model: ScriptedModel;

beforeAll(async () => {
  house = await openHouse();
  model = await ScriptedModel.open(() => ({ text: "nothing" }));
});
afterAll(async () => {
  model?.close();
  await house?.close();
});

test(
  `over ${KILLS} kills every run succeeds, no line is missing, and none is there twice`,
  { timeout: LIMIT_MS },
  async () => {
    const jobs = new Jobs(house);
    await jobs.setPolicy(OPEN_POLICY);
    await jobs.provider("scripted", model);
    const seed = Date.now() % 1_000_000;
    const say = (line: string) => void process.stdout.write(`  ${line} (seed ${seed})\n`);
    expect(await killAmongRuns(house, jobs, model, { kills: KILLS, random: randomFrom(seed), say })).toEqual([]);
  },
);
