/** A real Chromium with a profile of its own. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import type { House } from "./house.ts";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** It talks to nobody but the pages it is sent to. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
  // In place of the library's own list: frames of another site keep their storage, as in browsers that people use.
  "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding",
];
const WAIT_LIMIT_MS = 20_000;

export type Browser = { context: BrowserContext; page: Page; close(): Promise<void> };
export type Look = { width?: number; height?: number; colorScheme?: "dark" | "light" };

export async function openBrowser(look: Look = {}): Promise<Browser> {
  const { width = 1440, height = 900, colorScheme = "light" } = look;
  const executablePath = [process.env["CHROMIUM"], ...PROGRAMS].find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error(`no Chromium at ${PROGRAMS.join(", ")}: install one, or name it in CHROMIUM`);
  }
  const profile = await mkdtemp(join(tmpdir(), "roundhouse-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ARGUMENTS,
    viewport: { width, height },
    colorScheme,
  });
  context.setDefaultTimeout(WAIT_LIMIT_MS);
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

export const ACCOUNT = { name: "Ada Lovelace", email: "ada@example.com", password: "a long enough password" };

/** Uses the printed link and sets the password, as a person does at their first visit. */
export async function signIn(page: Page, house: House): Promise<void> {
  await page.goto(house.signInLink);
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
  await page.getByLabel("Name").fill(ACCOUNT.name);
  await page.getByLabel("E-mail").fill(ACCOUNT.email);
  await page.getByLabel("Password").fill(ACCOUNT.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

/** Installs a blueprint through the catalogue, as a person does. Ends on the instances page with its log open. */
export async function installFromCatalogue(page: Page, title: string): Promise<void> {
  await page.getByRole("link", { name: "Catalogue", exact: true }).click();
  await page.getByRole("button", { name: `Install ${title}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Install and start" }).click();
  await page.getByRole("region", { name: /^Log of / }).waitFor();
}

/** Presses Open and answers the new tab. */
export async function pressOpen({ context, page }: Browser): Promise<Page> {
  const arriving = context.waitForEvent("page");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  return arriving;
}
