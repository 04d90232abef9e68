/** axe finds nothing serious on any page and in any tab of the pane: dark and light, on a desk and on a phone. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { LOOKS, violations, wear } from "./axe.ts";
import { type Browser, installFromCatalogue, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

const TABS = ["Log", "Terminal", "Editor", "Files", "View", "Stats"];

let house: House;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  page = browser.page;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn(page, house);
  await installFromCatalogue(page, "Hello");
  await page.getByRole("row", { name: /hello/ }).getByText("started").waitFor({ timeout: 60_000 });
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

describe.each(LOOKS)("$colorScheme at $width pixels", (look) => {
  beforeAll(() => wear(page, look));

  test.each(["/", "/nodes", "/nodes/add", "/catalogue", "/catalogue/blueprint/new", "/settings"])(
    "the page %s is fine",
    async (path) => {
      await page.goto(house.url + path);
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
      await page.waitForLoadState("networkidle");
      expect(await violations(page)).toEqual([]);
    },
  );

  test("the tabs of the pane are fine", async () => {
    const [instance] = await house.api.instances();
    await page.goto(`${house.url}/?instance=${instance?.id}`);
    for (const name of TABS) {
      await page.getByRole("tab", { name }).click();
      await page.getByRole("tabpanel").getByRole("region").first().waitFor();
      expect([name, await violations(page)]).toEqual([name, []]);
    }
  });

  test("the edit dialog is fine, with changes in it", async () => {
    const [instance] = await house.api.instances();
    await page.goto(`${house.url}/?instance=${instance?.id}`);
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("another");
    await dialog.getByLabel("Outputs folder").fill("made");
    await dialog.getByText("restarts now").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("a blueprint with an error and a warning is fine", async () => {
    await page.goto(`${house.url}/catalogue/blueprint/new`);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("### AIKORE-METADATA-START ###\n# aikore.needs_disk = lots\n# aikore.catgory = x\n");
    await page.getByText(/did you mean aikore.category/).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Discard" }).click();
  });
});
