/** The table of instances, worked by a person in a real browser, against a real agent. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { SLEEPS_ON } from "./blueprints.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { until } from "./until.ts";

let house: House;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  house = await openHouse();
  await house.api.install({ name: "alpha" });
  await house.api.install({ name: "beta" });
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
  await row("beta").getByText("started").waitFor();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("cells are edited by keyboard, saved together after old and new were shown, and what needs it restarts", async () => {
  const before = await byName("alpha");
  const port = (before.port ?? 0) + 7;
  await row("alpha").click();
  await row("alpha").press("F2");
  const name = page.getByLabel("Name of alpha");
  await name.fill("gamma");
  await name.press("Enter");
  expect((await byName("alpha")).id).toBe(before.id);
  await cell("gamma", "port").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Port" }).selectOption(String(port));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save changes (1)" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("restarts now").waitFor();
  expect(await dialog.locator("del, ins").allInnerTexts()).toEqual([
    "alpha",
    "gamma",
    String(before.port),
    String(port),
  ]);
  await dialog.getByRole("button", { name: "Save and restart 1" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Save changes/ }).waitFor({ state: "hidden" });
  expect(await byName("gamma")).toMatchObject({ id: before.id, slug: "gamma", outputPath: "alpha" });
  await until("it runs at its new port", async () => {
    const { status, ports } = await byName("gamma");
    return status === "started" && ports[0]?.port === port;
  });
});

test("a refused change stays at its cell with the reason, until Esc or Discard takes it back", async () => {
  await edit("gamma", "beta");
  await page.keyboard.press("Control+s");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  const refused = page.locator("[aria-invalid=true][data-column=name]");
  await refused.waitFor();
  expect(await refused.getAttribute("title")).toMatch(/beta/);
  await page.getByRole("button", { name: "Discard" }).click();
  await row("gamma").waitFor();
  expect(await refused.count()).toBe(0);
});

test("an edit survives what happens meanwhile, and tells when somebody else changed the same field", async () => {
  const { id } = await byName("gamma");
  await edit("gamma", "mine");
  await house.api.call("PATCH", `/api/instances/${id}`, { name: "theirs" });
  await page.locator(`#row-${id} [data-column=name][title*="theirs by somebody else"]`).waitFor();
  expect(await cell("mine", "name").innerText()).toMatch(/^mine/);
  await house.api.call("PATCH", `/api/instances/${id}`, { name: "gamma" });
  await page.getByRole("button", { name: "Discard" }).click();
  await row("gamma").waitFor();
});

test("a new row at the bottom becomes an instance", async () => {
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const form = page.getByRole("form", { name: "New instance" });
  await form.getByLabel("Blueprint").selectOption("hello");
  await form.getByLabel("Name").fill("delta");
  await form.getByRole("button", { name: "Create", exact: true }).click();
  await row("delta").getByText("stopped").waitFor();
  expect(await page.getByRole("rowheader").last().innerText()).toBe("delta");
  expect(await byName("delta")).toMatchObject({ blueprint: "hello", desired: "stopped" });
});

test("the menu opens by keyboard, goes by its first letters, and gives the focus back", async () => {
  await row("beta").click();
  await row("beta").focus();
  await page.keyboard.press("Shift+F10");
  const menu = page.getByRole("menu", { name: "Actions for beta" });
  await menu.getByRole("menuitem", { name: "Stop" }).waitFor();
  await page.keyboard.press("t");
  expect(await focusedText()).toMatch(/^Terminal/);
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.id)).toMatch(/^row-/);
  await page.keyboard.press("Shift+F10");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Delete beta?" }).waitFor();
  await page.keyboard.press("Escape");
});

test("the palette finds a verb by a few letters and does it", async () => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Find/ }).fill("start delt");
  await page.getByRole("option", { name: /Start delta/ }).waitFor();
  await page.keyboard.press("Enter");
  await row("delta").getByText("started").waitFor({ timeout: 60_000 });
  await cell("delta", "uptime")
    .getByText(/^\d+ s$/)
    .waitFor();
});

test("families are moved by keyboard, and stay there after a reload", async () => {
  await row("beta").click();
  await row("beta").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(names).toEqual(["beta", "gamma", "delta"]);
  await page.reload();
  await row("delta").waitFor();
  expect(await names()).toEqual(["beta", "gamma", "delta"]);
});

test("another blueprint is chosen in its cell, and a rebuild in the menu launches anew", async () => {
  await house.api.addBlueprint("other", SLEEPS_ON);
  await page.reload();
  await row("delta").click();
  await cell("delta", "blueprint").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Blueprint" }).selectOption("other");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save changes (1)" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("restarts now").waitFor();
  await dialog.getByRole("button", { name: "Save and restart 1" }).click();
  await dialog.waitFor({ state: "hidden" });
  const { id } = await byName("delta");
  const begun = (times: number) => async () => (await house.api.log(id)).split("in the background").length > times;
  await until("it runs the other script", begun(1), { limitMs: 30_000 });
  expect(await byName("delta")).toMatchObject({ blueprint: "other" });
  await row("delta").click({ button: "right" });
  await page.getByRole("menuitem", { name: /^Rebuild/ }).click();
  await dialog.getByRole("button", { name: "Rebuild" }).click();
  await until("it runs again", begun(2), { limitMs: 30_000 });
});

test("several are picked and stopped at once", async () => {
  await page.getByLabel("Choose beta").click();
  await page.getByLabel("Choose delta").click({ modifiers: ["Shift"] });
  const bar = page.getByRole("toolbar", { name: "Picked instances" });
  await bar.getByText("3 picked").waitFor();
  await bar.getByRole("button", { name: "Stop" }).click();
  await expect.poll(() => bar.getByRole("status").innerText()).toBe("stop: 3 of 3");
  await until("all three are stopped", async () => {
    return (await house.api.instances()).every(({ status }) => status === "stopped");
  });
});

async function edit(name: string, to: string): Promise<void> {
  await row(name).click();
  await row(name).press("F2");
  const field = page.getByLabel(`Name of ${name}`);
  await field.fill(to);
  await field.press("Enter");
}

function row(name: string) {
  return page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${name}`) }) });
}

function cell(name: string, column: string) {
  return row(name).locator(`[data-column=${column}]`);
}

function names(): Promise<string[]> {
  return page.getByRole("treegrid").getByRole("rowheader").allInnerTexts();
}

function focusedText(): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
}

async function byName(name: string) {
  const found = (await house.api.instances()).find((instance) => instance.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}
