/** Somebody's first minutes: the printed link, a password, their node, and hello at its own URL. */
import { statfs } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, type Browser, installFromCatalogue, openBrowser, pressOpen, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  ({ page } = browser);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("the printed link signs in and asks for a password, which the person sets", async () => {
  await signIn(page, house);
  expect(page.url()).toBe(`${house.url}/`);
  expect(await page.getByText(ACCOUNT.name, { exact: true }).isVisible()).toBe(true);
});

test("a second use of the link is refused, and says why", async () => {
  const stranger = await openBrowser();
  await stranger.page.goto(house.signInLink);
  const alert = stranger.page.getByRole("alert");
  await alert.waitFor();
  expect(await alert.innerText()).toMatch(/link/i);
  expect(await stranger.page.getByRole("navigation", { name: "Pages" }).count()).toBe(0);
  await stranger.close();
});

test("signing out and in again by password leads back to the dashboard", async () => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("E-mail").fill(ACCOUNT.email);
  await page.getByLabel("Password").fill(`${ACCOUNT.password}, but wrong`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill(ACCOUNT.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
});

test("the node is shown with this machine's processor, memory and disk", async () => {
  const facts = (await house.api.nodes())[0]?.facts;
  if (!facts) throw new Error("the node has no facts");
  // A container may have less than the machine it runs on, never more.
  expect(facts.cpu.cores).toBeGreaterThanOrEqual(1);
  expect(facts.cpu.cores).toBeLessThanOrEqual(cpus().length);
  expect(facts.memoryTotalBytes).toBeGreaterThan(256 * 1024 ** 2);
  expect(facts.memoryTotalBytes).toBeLessThanOrEqual(totalmem());
  const { blocks, bsize } = await statfs(house.data);
  expect(facts.disk.totalBytes).toBe(blocks * bsize);

  await page.getByRole("link", { name: "Nodes", exact: true }).click();
  const card = page.getByRole("article");
  await card.getByText("online").waitFor();
  expect(await card.innerText()).toContain(`${facts.cpu.cores} × ${facts.cpu.model}`);
  for (const name of ["CPU", "Memory", "Disk"]) {
    const meter = card.getByRole("meter", { name });
    await expect.poll(() => meter.getAttribute("aria-valuetext"), { timeout: 15_000 }).not.toBe("not known");
  }
});

test("hello is installed from the catalogue, with its log in sight", async () => {
  await installFromCatalogue(page, "Hello");
  await page.getByRole("row", { name: /hello/ }).getByText("started").waitFor({ timeout: 30_000 });
  const log = page.getByRole("region", { name: "Log of hello" });
  await log.getByText(/Listening on http:\/\/127\.0\.0\.1:/).waitFor();
});

test("Open leads to the app's own page in a new tab, and its WebSocket echoes", async () => {
  const app = await pressOpen(browser);
  await app.getByRole("heading", { name: /^Hello from / }).waitFor();
  expect(app.url()).toBe(`http://hello.apps.localhost:${house.port}/`);
  await app.getByText("open", { exact: true }).waitFor();
  await app.getByLabel("Message").fill("all aboard");
  await app.getByRole("button", { name: "Send" }).click();
  await app.getByRole("listitem").filter({ hasText: "all aboard" }).waitFor();
  await app.close();
});
