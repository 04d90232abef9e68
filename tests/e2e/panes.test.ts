/** The lower half of the dashboard in a real browser: charts, the app in its tab, two places that remember, own blueprints. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { type Browser, installFromCatalogue, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  page = browser.page;
  await signIn(page, house);
  await page.getByRole("region", { name: "Welcome" }).getByText("0 running").waitFor();
  await installFromCatalogue(page, "Hello");
  await page.getByRole("row", { name: /hello/ }).getByText("started").waitFor({ timeout: 60_000 });
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const tab = (name: string) =>
  page.getByRole("tablist", { name: "Parts of hello", exact: true }).getByRole("tab", { name });
const beside = (name: string) =>
  page.getByRole("tablist", { name: "Parts of hello beside" }).getByRole("tab", { name });
const app = () => page.frameLocator('iframe[title="App of hello"]');

test("the node is shown live, and its last hour in charts that are also words and a table", async () => {
  await page.getByRole("group", { name: /now$/ }).getByText(/%/).waitFor();
  await page.getByText(/port \d+ .* · [\d.]+ % CPU · [\d.]+ MiB/).waitFor();
  await tab("Stats").click();
  await page.locator(".uplot canvas").first().waitFor();
  await page.getByRole("img", { name: /^Processor: .* now; between .* on average$/ }).waitFor();
  await page.getByText("As a table").click();
  await page.getByRole("columnheader", { name: "Memory" }).waitFor();
});

test("the app works in its own tab, and goes on while others are shown", async () => {
  await tab("View").click();
  await app()
    .getByRole("heading", { name: /^Hello from / })
    .waitFor();
  await app().getByLabel("Message").fill("all aboard");
  await tab("Log").click();
  await tab("View").click();
  expect(await app().getByLabel("Message").inputValue()).toBe("all aboard");
});

test("what cannot be shown says why, and starts from there", async () => {
  await page.getByRole("button", { name: "Stop", exact: true }).first().click();
  const view = page.getByRole("region", { name: "View of hello" });
  await view.getByRole("heading", { name: "hello is not running" }).waitFor();
  await view.getByRole("button", { name: "Start" }).click();
  await app()
    .getByRole("heading", { name: /^Hello from / })
    .waitFor({ timeout: 60_000 });
});

test("two places, their tabs, their widths and their zoom are there again after a reload", async () => {
  await tab("Log").click();
  await page.getByRole("button", { name: "Show something beside it" }).click();
  await beside("Editor").click();
  await page.getByRole("textbox", { name: "Text of launch.sh" }).press("Control+=");
  await page.getByRole("button", { name: /^Zoom of Editor: 110 %/ }).waitFor();
  const bar = page.getByRole("separator", { name: "Width of the second place" });
  await bar.press("ArrowLeft");
  await page.getByRole("button", { name: "Put the pane beside the table" }).click();
  await page.reload();
  await page.getByRole("row", { name: /hello/ }).dblclick();
  await page.getByRole("textbox", { name: "Text of launch.sh" }).waitFor();
  expect(await tab("Log").getAttribute("aria-selected")).toBe("true");
  expect(await bar.getAttribute("aria-valuenow")).toBe("54");
  await page.getByRole("separator", { name: "Width of the pane" }).waitFor();
  await page.getByRole("button", { name: "Put the pane below the table" }).click();
  await page.getByRole("button", { name: /^Zoom of Editor: 110 %/ }).waitFor();
});

test("a script becomes a custom blueprint, is refused at the line that is wrong, changed, and removed", async () => {
  await page.getByRole("link", { name: "Catalogue", exact: true }).click();
  const script =
    "#!/bin/bash\n### AIKORE-METADATA-START ###\n# aikore.name = Mine\n# aikore.needs_disk = lots\n### AIKORE-METADATA-END ###\n";
  await page
    .getByLabel("Script to upload")
    .setInputFiles({ name: "my script.sh", mimeType: "text/x-shellscript", buffer: Buffer.from(script) });
  expect(await page.getByLabel("Name").inputValue()).toBe("my-script");
  await page.getByRole("button", { name: "Add to the catalogue" }).click();
  await page
    .getByRole("alert")
    .getByText(/line 4, needs_disk/)
    .waitFor();
  await page.getByRole("button", { name: "Line 4" }).click();
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("# aikore.needs_disk = 2GiB");
  await page.getByRole("complementary").getByText("2 GiB of disk").waitFor();
  await page.getByRole("button", { name: "Add to the catalogue" }).click();
  await page.getByRole("button", { name: "Edit Mine" }).click();
  await page.getByRole("heading", { name: "my-script" }).waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "Remove Mine" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect.poll(() => page.getByRole("button", { name: "Install Mine" }).count()).toBe(0);
});

test("errors and warnings stand at their lines while a blueprint is written, told apart", async () => {
  await page.goto(`${house.url}/catalogue/blueprint/new`);
  const found = page.getByRole("list", { name: "What is wrong" });
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  await page.keyboard.type("# aikore.needs_disk = lots\n# aikore.catgory = Tests\n");
  await expect
    .poll(() => found.getByRole("listitem").allInnerTexts())
    .toEqual([
      expect.stringMatching(/^Line 3, error: needs_disk: "lots" is not a size/),
      expect.stringMatching(/^Line 4, warning: catgory: .*did you mean aikore.category/),
    ]);
  await page.locator(".cm-lint-marker-error").waitFor();
  await page.locator(".cm-lint-marker-warning").waitFor();
  await page.getByRole("button", { name: "Line 3" }).click();
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("# aikore.needs_disk = 2GiB");
  await expect.poll(() => found.getByRole("listitem").count()).toBe(1);
  await page.getByRole("button", { name: "Discard" }).click();
});
