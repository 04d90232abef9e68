/** Fifty runs at once, each with a cap on money: what was spent never passes it, whatever the model would like. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";
import { Jobs, OPEN_POLICY } from "./jobs.ts";
import { ScriptedModel } from "./scripted-model.ts";

const RUNS = 50;
/** A turn costs 0.03: 1,000 tokens in at 10, 1,000 out at 20 a million. */
const PRICES = { "*": { input: 10, output: 20 } };
const TURN_TOKENS = { input: 1000, output: 1000 };
const CAP = 0.1;

let house: House;
let model: ScriptedModel;

beforeAll(async () => {
  house = await openHouse();
  model = await ScriptedModel.open((asked) => ({
    calls: [{ name: "list_files", arguments: { path: "" } }],
    // As a real one does, it stops where it is told to.
    tokens: {
      ...TURN_TOKENS,
      output: Math.min(TURN_TOKENS.output, asked.max_completion_tokens ?? asked.max_tokens ?? Infinity),
    },
  }));
});
afterAll(async () => {
  model?.close();
  await house?.close();
});

test(`${RUNS} runs in parallel end at their cap on money, and none passes it`, { timeout: 240_000 }, async () => {
  const jobs = new Jobs(house);
  await jobs.setPolicy(OPEN_POLICY);
  await jobs.provider("scripted", model, { prices: PRICES });
  const limits = { turns: 100, money: CAP, concurrency: RUNS };
  const job = await jobs.make({ name: "spender", tools: ["list_files"], limits });
  const begun = await Promise.all(Array.from({ length: RUNS }, () => jobs.run(job.id)));
  const ends = await Promise.all(begun.map(({ id }) => jobs.untilOver(id, 200_000)));
  expect(ends.map(({ status, failure }) => [status, failure?.code])).toEqual(ends.map(() => ["failed", "money_limit"]));
  expect(Math.max(...ends.map(({ usage }) => usage.money))).toBeLessThanOrEqual(CAP);
  // They did work: at least two turns of each were paid.
  expect(Math.min(...ends.map(({ usage }) => usage.money))).toBeGreaterThanOrEqual(2 * 0.03 - 1e-9);
});
