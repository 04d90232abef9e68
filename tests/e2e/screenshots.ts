/** Takes the pictures of the README from the real product: `[PORT=8787] node tests/e2e/screenshots.ts <folder>`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Browser, installFromCatalogue, openBrowser, pressOpen, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

const INSTALL_LIMIT_MS = 180_000;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const DOOMED = `#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Doomed
### AIKORE-METADATA-END ###
echo "loading checkpoint shards: 3 of 4"
comfyui-server --port $WEBUI_PORT
`;
/** Gauges and their history want a few samples. */
const SETTLE_MS = 8_000;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("Say where the pictures go: node tests/e2e/screenshots.ts <folder>\n");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const house = await openHouse(Number(process.env["PORT"]) || undefined);
const browser = await openBrowser();
try {
  await takeAll(house, browser, folder);
} finally {
  await browser.close();
  await house.close();
}

async function takeAll({ api, url }: House, { context, page }: Browser, into: string): Promise<void> {
  await takeLooks(page, into, "sign-in", () => page.goto(url).then(() => page.getByLabel("E-mail").waitFor()));
  await page.goto("about:blank");
  await signIn(page, house);
  await installFromCatalogue(page, "Hello");
  await installFromCatalogue(page, "Node-RED");
  await page
    .getByRole("row", { name: /node-red/ })
    .getByText("installing")
    .waitFor();
  await page.waitForTimeout(2_000);
  await takeLooks(page, into, "installing");
  const nodeRed = (await api.instances()).find(({ name }) => name === "node-red");
  await api.untilStatus(nodeRed?.id ?? "", "started", INSTALL_LIMIT_MS);
  const editor = await pressOpen({ context, page, close: () => Promise.resolve() });
  await editor.getByText("inject", { exact: true }).first().waitFor({ timeout: 60_000 });
  await editor.waitForTimeout(1_000);
  await takeLooks(editor, into, "node-red");
  await editor.close();
  await fillTable(api);
  await page.waitForTimeout(SETTLE_MS);
  await page.getByRole("row", { name: /node-red/ }).dblclick();
  await page.getByRole("tab", { name: "View" }).click();
  await page.frameLocator('iframe[title="App of node-red"]').getByText("inject", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Show something beside it" }).click();
  await page
    .getByRole("tablist", { name: /beside$/ })
    .getByRole("tab", { name: "Stats" })
    .click();
  await page.waitForTimeout(1_000);
  await takeLooks(page, into, "instances");
  await page.getByRole("link", { name: "Nodes", exact: true }).click();
  await page.waitForTimeout(SETTLE_MS);
  await takeLooks(page, into, "nodes");
  await page.getByRole("link", { name: "Catalogue", exact: true }).click();
  await takeLooks(page, into, "catalogue");
  await page.getByRole("button", { name: "Install Hello" }).click();
  await takeLooks(page, into, "install");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await takeLooks(page, into, "settings");
}

/** A family, one that is stopped and one that died: what a table has after a few days. */
async function fillTable(api: House["api"]): Promise<void> {
  const hello = (await api.instances()).find(({ name }) => name === "hello");
  if (hello === undefined) throw new Error("there is no instance hello");
  for (const name of ["hello for guests", "hello at night"]) {
    await api.post(`/api/instances/${hello.id}/satellite`, { name, start: true });
  }
  await api.create({ name: "scratch pad", start: false });
  await api.addBlueprint("Doomed", DOOMED);
  const doomed = await api.create({ name: "first try", blueprint: "Doomed", start: true });
  await api.untilStatus(doomed.id, "error");
}

/** One picture in each size, dark and light. */
async function takeLooks(page: Page, into: string, name: string, arrive?: () => Promise<void>): Promise<void> {
  await page.bringToFront();
  await arrive?.();
  for (const size of SIZES) {
    for (const colorScheme of ["dark", "light"] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(into, `${name}-${size.width}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize(SIZES[0] ?? { width: 1440, height: 900 });
}
