/** The table of instances worked with the mouse, against two real agents, one of which has graphics cards. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type Cards, makeCards } from "./gpus.ts";
import { type House, openHouse } from "./house.ts";
import { RemoteAgent } from "./remote-agent.ts";

let cards: Cards;
let house: House;
let plain: RemoteAgent;
let browser: Browser;
let page: Page;
let alpha: Instance;

beforeAll(async () => {
  cards = await makeCards(2);
  house = await openHouse(undefined, cards.settings);
  alpha = await house.api.install({ name: "alpha" });
  await house.api.create({ name: "beta", start: false });
  plain = new RemoteAgent(house, house.url, "plain");
  await plain.start();
  const { id: node } = await plain.untilStatus("online");
  await house.api.create({ name: "gamma", node, start: false });
  await house.api.post(`/api/instances/${alpha.id}/satellite`, { name: "alpha-2" });
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
  await row("gamma").waitFor();
});
afterAll(async () => {
  await browser?.close();
  await plain?.end();
  await house?.close();
  await cards?.remove();
});

test("the GPUs of several are set node by node, wait as edits, and are saved together", async () => {
  for (const name of ["alpha", "beta", "gamma"]) await page.getByLabel(`Choose ${name}`, { exact: true }).check();
  await page.getByRole("button", { name: "Set GPU…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("For alpha, beta.").waitFor();
  await dialog.getByText("Left out: gamma").waitFor();
  await dialog.getByLabel(/^1 NVIDIA/).check();
  await dialog.getByRole("button", { name: "Set", exact: true }).click();
  await page.getByRole("button", { name: "Pick none" }).click();
  expect((await byName("beta")).gpuIds).toEqual([]);
  await page.getByRole("button", { name: "Save changes (2)" }).click();
  await dialog.getByRole("button", { name: "Save and restart 1" }).click();
  await page.getByText("Saved 2 instances.").waitFor();
  const saved = await house.api.instances();
  expect(saved.map(({ name, gpuIds }) => [name, gpuIds]).toSorted()).toEqual([
    ["alpha", ["GPU-1"]],
    ["alpha-2", []],
    ["beta", ["GPU-1"]],
    ["gamma", []],
  ]);
});

test("where they differ nothing is chosen for them, until all or some are", async () => {
  await house.api.call("PATCH", `/api/instances/${(await byName("beta")).id}`, { gpuIds: ["0"] });
  for (const name of ["alpha", "beta"]) await page.getByLabel(`Choose ${name}`, { exact: true }).check();
  await page.getByRole("button", { name: "Set GPU…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("They have different ones now").waitFor();
  await dialog.getByRole("button", { name: "Use all" }).click();
  await dialog.getByRole("button", { name: "Set", exact: true }).click();
  await page.getByRole("button", { name: "Save changes (2)" }).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Pick none" }).click();
});

test("the menu in the head of the pane has what the row's own menu has, and its dialogs open", async () => {
  await row("beta").click({ button: "right" });
  const menu = page.getByRole("menu", { name: "Actions for beta" });
  const items = await menu.getByRole("menuitem").allInnerTexts();
  await page.keyboard.press("Escape");
  await row("beta").dblclick();
  const more = page.getByRole("button", { name: "More", exact: true });
  await more.click();
  expect(await menu.getByRole("menuitem").allInnerTexts()).toEqual(items);
  await page.keyboard.press("Escape");
  expect(await more.evaluate((button) => button === document.activeElement)).toBe(true);
  await more.click();
  await menu.getByRole("menuitem", { name: "Rebuild environment…" }).click();
  await page.getByRole("heading", { name: /Rebuild/ }).waitFor();
  await page.keyboard.press("Escape");
});

test("a whole family is dragged by its handle, and stays there after a reload", async () => {
  expect(await names()).toEqual(["alpha", "└ alpha-2", "beta", "gamma"]);
  await page.getByTitle("Drag to order").first().hover();
  await page.mouse.down();
  await moveTo("gamma");
  await expect.poll(names).toEqual(["beta", "gamma", "alpha", "└ alpha-2"]);
  await moveTo("gamma");
  await page.mouse.up();
  await expect.poll(names).toEqual(["beta", "alpha", "└ alpha-2", "gamma"]);
  await page.reload();
  await row("gamma").waitFor();
  expect(await names()).toEqual(["beta", "alpha", "└ alpha-2", "gamma"]);
});

test("a taller family is passed once, at its far end, and not back and forth", async () => {
  await page.getByTitle("Drag to order").first().hover();
  await page.mouse.down();
  await moveTo("alpha");
  expect(await names()).toEqual(["beta", "alpha", "└ alpha-2", "gamma"]);
  await moveTo("alpha-2");
  await expect.poll(names).toEqual(["alpha", "└ alpha-2", "beta", "gamma"]);
  await page.mouse.up();
});

test("the browser asks before it leaves a page with unsaved edits, and not once they are discarded", async () => {
  await page.getByLabel("Start beta with its node").check();
  const asking = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const question = await asking;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  expect(await page.getByLabel("Start beta with its node").isChecked()).toBe(true);
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.getByRole("button", { name: "Discard" }).click();
  await page.reload();
  await row("beta").waitFor();
  expect(asked).toEqual([]);
});

/** With the button held down, in small steps, onto the middle of a row. */
async function moveTo(name: string): Promise<void> {
  const box = await row(name).boundingBox();
  if (box === null) throw new Error(`${name} is not in sight`);
  await page.mouse.move(box.x + 20, box.y + box.height / 2, { steps: 15 });
}

function names(): Promise<string[]> {
  return page.getByRole("treegrid").getByRole("rowheader").allInnerTexts();
}

function row(name: string) {
  return page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
}

async function byName(name: string): Promise<Instance> {
  const found = (await house.api.instances()).find((instance) => instance.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}
