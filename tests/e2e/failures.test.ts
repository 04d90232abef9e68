/** What a person sees of apps that fail, from a script in the old format to the dashboard; and that nothing of theirs is lost. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { OLD_FORMAT, OLD_FORMAT_BROKEN } from "./blueprints.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { killHard } from "./processes.ts";
import { until } from "./until.ts";

const START_LIMIT_MS = 60_000;

let house: House;
let browser: Browser;
let page: Page;
let app: Instance;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const models = (): string => join(house.nodeData, "models");
const servers = () => house.processes().filter(({ command }) => command.includes("http.server"));

test("a script in the old format runs unchanged, and its models lie with the node's", async () => {
  await house.api.addBlueprint("old-format", OLD_FORMAT);
  app = await house.api.install({ name: "old", blueprint: "old-format" }, START_LIMIT_MS);
  expect(await readFile(join(models(), "old format/my model.bin"), "utf8")).toBe("weights\n");
  expect(await house.api.log(app.id)).toContain("---: command not found");
  const list = await house.api.get<{ items: { name: string }[] }>(`/api/instances/${app.id}/files?root=models`);
  expect(list.items.map(({ name }) => name)).toContain("old format");
  const datasets = await house.api.get<{ items: unknown[] }>(`/api/instances/${app.id}/files?root=datasets`);
  expect(datasets.items).toEqual([]);
});

test("its app's death is noticed although the script sleeps on, and nothing of it is left", async () => {
  for (const { pid } of servers()) killHard(pid);
  const { value } = await house.api.untilStatus(app.id, "error");
  expect(value).toMatchObject({ exitCode: null, signal: null, reason: { code: "app_gone" } });
  const isSleeping = () => house.processes().some(({ command }) => command === "sleep infinity");
  await until("the script is ended", () => !isSleeping());
});

test("an app that ends before it answers is an error as well, which the dashboard explains", async () => {
  await house.api.addBlueprint("broken", OLD_FORMAT_BROKEN);
  const { id } = await house.api.create({ name: "broken", blueprint: "broken" });
  await house.api.start(id);
  const { value } = await house.api.untilStatus(id, "error", START_LIMIT_MS);
  expect(value.reason).toMatchObject({
    code: "module_missing",
    message: expect.stringMatching(/"a_module_that_is_missing"; the app ended before it answered on port \d+/),
  });
  await page.getByRole("row", { name: /broken/ }).dblclick();
  const trouble = page.getByRole("alert").filter({ hasText: "a_module_that_is_missing" });
  await trouble.getByText(/rebuild its environment/).waitFor();
  await trouble.getByText(/ModuleNotFoundError/).waitFor();
  const folder = process.env["PICTURES"];
  for (const width of folder === undefined ? [] : [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(folder ?? "", `failure-${width}.png`) });
  }
});

test("deleting it for good leaves the models", async () => {
  await house.api.delete(`/api/instances/${app.id}`, { mode: "permanent" });
  await until("it is gone", async () => (await house.api.call("GET", `/api/instances/${app.id}`)).status === 404);
  expect(await readFile(join(models(), "old format/my model.bin"), "utf8")).toBe("weights\n");
});
