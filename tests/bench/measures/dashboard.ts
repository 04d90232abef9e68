/** The instances page with 500 rows and a log of 1,000 lines a second below them, in a real Chromium. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { openBrowser, signIn } from "../../e2e/browser.ts";
import { type House, openHouse } from "../../e2e/house.ts";
import { RemoteAgent } from "../../e2e/remote-agent.ts";
import { within } from "../goals.ts";
import { readWaits, watchWaits } from "../load/painted.ts";
import type { Trial } from "../measure.ts";

const ROWS = 500;
/** One node takes 400. */
const ROWS_PER_NODE = ROWS / 2;
const AT_ONCE = 10;
const CHATTER = readFileSync(join(import.meta.dirname, "../fixtures/chatter.sh"), "utf8");
const BETWEEN_INTERACTIONS_MS = 120;

export const dashboard: Trial = {
  name: "dashboard",
  isLong: true,
  rows: {
    interaction: { title: "interaction to next paint", unit: "ms", goal: within({ atMost: 100 }, "ms") },
    task: { title: "longest task of the page", unit: "ms", goal: within({ atMost: 200 }, "ms") },
    lines: { title: "lines of the log that arrived", unit: "1/s", goal: within({ atLeast: 950 }, "1/s") },
  },
  measure: async ({ later }) => {
    const house = await openHouse();
    later.defer(() => house.close());
    const second = new RemoteAgent(house, house.url, "second");
    later.defer(() => second.end());
    await second.start();
    await second.untilStatus("online");
    const ids = await fill(house);
    const browser = await openBrowser();
    later.defer(() => browser.close());
    const { page } = browser;
    await signIn(page, house);
    return measurePage(page, ids);
  },
};

/**
 * The rows' ids by name. To find a row by its name, the test would compute the names of all of them in the page, which
 * holds it up for 100 to 200 ms right before the click.
 */
type Ids = ReadonlyMap<string, string>;

async function fill(house: House): Promise<Ids> {
  await house.api.addBlueprint("chatter", CHATTER);
  const made = [await house.api.install({ name: "chatter", blueprint: "chatter" })];
  const nodes = await house.api.nodes();
  const wishes = Array.from({ length: ROWS - 1 }, (_, index) => ({
    name: `app ${String(index + 1).padStart(3, "0")}`,
    node: nodes[Math.floor((index + 1) / ROWS_PER_NODE)]?.id ?? "",
    start: false,
  }));
  for (let at = 0; at < wishes.length; at += AT_ONCE) {
    made.push(...(await Promise.all(wishes.slice(at, at + AT_ONCE).map((wish) => house.api.create(wish)))));
  }
  return new Map(made.map(({ name, id }) => [name, id]));
}

async function measurePage(page: Page, ids: Ids) {
  await page
    .locator("tr[data-id]")
    .nth(ROWS - 1)
    .waitFor({ state: "attached" });
  await rowOf(page, ids, "chatter").dblclick();
  await page
    .getByRole("region", { name: "Log of chatter" })
    .getByText(/^line \d+/)
    .first()
    .waitFor();
  await watchWaits(page);
  const [lineBefore, begun] = [await lastLine(page), performance.now()];
  const interactions = (await filter(page)) + (await walk(page, ids)) + (await choose(page, ids));
  // Other rows were chosen meanwhile: back to the log, which has gone on.
  await rowOf(page, ids, "chatter").dblclick();
  await sleep(2_000);
  const lines = ((await lastLine(page)) - lineBefore) / ((performance.now() - begun) / 1000);
  const { interactionToNextPaintMs, longestTaskMs } = await readWaits(page, interactions + 2);
  return { interaction: interactionToNextPaintMs, task: longestTaskMs, lines };
}

/** The number of the newest line that the page shows. */
async function lastLine(page: Page): Promise<number> {
  const text = await page.getByRole("region", { name: "Log of chatter" }).innerText();
  return Math.max(...[...text.matchAll(/line (\d+) of/g)].map((match) => Number(match[1])));
}

/** Typing into the filter, and taking it back letter by letter. All of it leaves the log where it is. */
async function filter(page: Page): Promise<number> {
  const keys = ["a", "p", "p", " ", "1", "2", ...Array.from({ length: 6 }, () => "Backspace")];
  await page.getByRole("searchbox", { name: "Filter instances" }).focus();
  await press(page, keys);
  return keys.length;
}

/** Up and down the rows: each step shows another instance below. */
async function walk(page: Page, ids: Ids): Promise<number> {
  await rowOf(page, ids, "app 001").click();
  const keys = [...Array.from({ length: 20 }, () => "ArrowDown"), ...Array.from({ length: 20 }, () => "ArrowUp")];
  await press(page, keys);
  return keys.length + 1;
}

/** A click on rows here and there. */
async function choose(page: Page, ids: Ids): Promise<number> {
  const names = ["003", "250", "499", "120", "377", "001"];
  for (const name of names) {
    await rowOf(page, ids, `app ${name}`).click();
    await sleep(BETWEEN_INTERACTIONS_MS);
  }
  return names.length;
}

function rowOf(page: Page, ids: Ids, name: string) {
  return page.locator(`#row-${ids.get(name)}`);
}

async function press(page: Page, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await sleep(BETWEEN_INTERACTIONS_MS);
  }
}
