/** The edit dialog on a phone, where the table has no cells to edit in, against a real agent with two graphics cards. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type Cards, makeCards } from "./gpus.ts";
import { type House, openHouse } from "./house.ts";
import { until } from "./until.ts";

let cards: Cards;
let house: House;
let browser: Browser;
let page: Page;
let alpha: Instance;
let satellite: Instance;

beforeAll(async () => {
  cards = await makeCards(2);
  house = await openHouse(undefined, cards.settings);
  alpha = await house.api.install({ name: "alpha" });
  satellite = await house.api.post<Instance>(`/api/instances/${alpha.id}/satellite`, { name: "alpha-2" });
  browser = await openBrowser({ width: 390, height: 844 });
  ({ page } = browser);
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
  await cards?.remove();
});

test("every field is changed in one go, old and new are shown, and the restart may wait", async () => {
  const { startedAt, port } = await house.api.instance(alpha.id);
  const dialog = await openDialog(alpha);
  await dialog.getByLabel("Name", { exact: true }).fill("gamma");
  await dialog.getByLabel("Outputs folder").fill("made");
  await dialog.getByLabel("Python").fill("3.11");
  await dialog.getByLabel(/^1 NVIDIA/).check();
  await dialog.getByLabel("Port", { exact: true }).fill(String((port ?? 0) + 7));
  await dialog.getByLabel("More ports").fill("api:auto:API_PORT");
  await dialog.getByLabel("Restart", { exact: true }).selectOption("always");
  await dialog.getByLabel(/^Start with its node/).check();
  const changes = dialog.getByRole("region", { name: "What saving will do" });
  await changes.getByText("restarts now").waitFor();
  expect(await changes.locator("del").allInnerTexts()).toEqual([
    ...["alpha", "default", "default", "all", "no", "never", String(port), "none"],
  ]);
  expect(await changes.locator("ins").allInnerTexts()).toEqual([
    ...["gamma", "3.11", "made", "1 NVIDIA GeForce RTX 4090", "yes", "always", String((port ?? 0) + 7)],
    "api:auto:API_PORT",
  ]);
  await changes.getByLabel(/^Restart it now/).uncheck();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("takes it over at its next start").waitFor();
  expect(await house.api.instance(alpha.id)).toMatchObject({
    ...{ name: "gamma", slug: "gamma", outputPath: "made", pythonVersion: "3.11", gpuIds: ["GPU-1"], startedAt },
    ...{ port: (port ?? 0) + 7, restartPolicy: "always", autostart: true },
  });
});

test("what needs it restarts a running app with the save", async () => {
  const { startedAt } = await house.api.instance(alpha.id);
  const dialog = await openDialog(alpha);
  await dialog.getByLabel(/^0 NVIDIA/).check();
  await dialog.getByRole("button", { name: "Save and restart" }).click();
  await page.getByText("Saved: gamma restarts.").waitFor();
  await until("it runs again", async () => {
    const now = await house.api.instance(alpha.id);
    return now.status === "started" && now.startedAt !== startedAt;
  });
  expect(await house.api.instance(alpha.id)).toMatchObject({ gpuIds: ["GPU-0", "GPU-1"] });
});

test("what a satellite shares with its parent is locked, and the rest is not", async () => {
  const dialog = await openDialog(satellite);
  await dialog.getByText("change the parent instead").waitFor();
  for (const label of ["Blueprint", "Outputs folder", "Python", "CUDA", "PyTorch"]) {
    expect([label, await dialog.getByLabel(label).isDisabled()]).toEqual([label, true]);
  }
  expect(await dialog.getByLabel("Port", { exact: true }).isEnabled()).toBe(true);
});

test("a refused field comes into sight and says why, and what was typed stays", async () => {
  const dialog = await openDialog(satellite);
  const name = dialog.getByLabel("Name", { exact: true });
  await name.fill("gamma");
  await dialog.getByLabel(/^Start with its node/).check();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByRole("alert").getByText(/gamma/).waitFor();
  await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await name.inputValue()).toBe("gamma");
  expect(await house.api.instance(satellite.id)).toMatchObject({ name: "alpha-2", autostart: false });
});

async function openDialog({ id }: Instance) {
  await page.goto(`${house.url}/?instance=${id}`);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  return page.getByRole("dialog");
}
