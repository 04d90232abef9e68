/** A family of three on one installation, made through the dashboard in a real browser. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { INSTALLS_ALONE } from "./blueprints.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { ask } from "./http.ts";
import { type House, openHouse } from "./house.ts";

const START_LIMIT_MS = 60_000;

let house: House;
let browser: Browser;
let page: Page;
let parent: Instance;

beforeAll(async () => {
  house = await openHouse();
  await house.api.addBlueprint("installs-alone", INSTALLS_ALONE);
  parent = await house.api.install({ name: "engine", blueprint: "installs-alone" });
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("satellites are made in the pane of their parent, and stand below it", async () => {
  for (const name of ["engine-2", "engine-3"]) {
    await page
      .getByRole("row", { name: /engine/ })
      .first()
      .dblclick();
    await page.getByRole("button", { name: "New satellite" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByLabel("Name").inputValue()).toBe(name);
    await dialog.getByRole("button", { name: "Make", exact: true }).click();
    await page.getByRole("row", { name: new RegExp(name) }).waitFor();
  }
  const names = await page.getByRole("treegrid").getByRole("rowheader").allInnerTexts();
  expect(names).toEqual(["engine", "└ engine-2", "└ engine-3"]);
});

test("a satellite has none, and the button says so", async () => {
  await page.getByRole("row", { name: /engine-3/ }).click();
  const button = page.getByRole("button", { name: /New satellite/ });
  expect(await button.getAttribute("aria-disabled")).toBe("true");
});

test("[RC9] all three are started at once, install one after the other, and answer at URLs of their own", async () => {
  const all = await house.api.instances();
  await Promise.all(all.map(({ id }) => house.api.call("POST", `/api/instances/${id}/restart`)));
  const said = [];
  for (const { id } of all) {
    const { value } = await house.api.untilStatus(id, "started", START_LIMIT_MS);
    const cookie = await house.api.grantFor(id);
    const answer = await ask({
      port: house.port,
      host: new URL(value.url).hostname,
      path: "/",
      headers: { Cookie: cookie },
    });
    said.push(JSON.parse(answer.text));
  }
  const outputs = said.map(({ outputs: folder }) => folder.split("/").at(-1));
  expect(outputs).toEqual(["engine", "engine-2", "engine-3"]);
  expect(new Set(said.map(({ installation }) => installation)).size).toBe(1);
  // Once at first, then once for each of the three; never two at a time.
  const installs = await readFile(join(house.nodeData, "instances", parent.slug, "installs.log"), "utf8");
  expect(installs.trim().split("\n")).toEqual(["alone", "alone", "alone", "alone"]);
});

test("the dialog is usable on a phone, from the menu in the head of the pane", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("rowheader", { name: "engine", exact: true }).click();
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "New satellite…" }).click();
  const box = await page.getByRole("dialog").boundingBox();
  expect(box !== null && box.x >= 0 && box.x + box.width <= 390).toBe(true);
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("a parent with satellites is not deleted, and the dialog names them", async () => {
  await page.getByRole("rowheader", { name: "engine", exact: true }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByRole("button", { name: /trash|delete/i })
    .first()
    .click();
  await dialog.getByText(/has the satellites "engine-2", "engine-3"/).waitFor();
  expect((await house.api.instances()).length).toBe(3);
});
