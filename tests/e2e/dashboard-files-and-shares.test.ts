/** Files for an app and links to it, through the dashboard in a real browser. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, installFromCatalogue, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

const MIB = 1024 * 1024;
const UPLOAD_LIMIT_MS = 90_000;
/** The dashboard sends a file in chunks of 32 MiB; so many more of them get through the network. */
let chunksLeft = Number.POSITIVE_INFINITY;

let house: House;
let browser: Browser;
let page: Page;
let folder: string;
let big: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roundhouse-files-"));
  big = await makeFile("big.bin", 100 * MIB);
  house = await openHouse();
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
  await installFromCatalogue(page, "Hello");
  await page.getByRole("row", { name: /hello/ }).getByText("started").waitFor({ timeout: 60_000 });
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
  await rm(folder, { recursive: true, force: true });
});

test("an upload says where it resumes while the network is away, and goes on when it is back", async () => {
  await page.route(/\/uploads\/up_/, async (route, request) => {
    if (request.method() === "PATCH") chunksLeft -= 1;
    await (chunksLeft < 0 ? route.abort("internetdisconnected") : route.continue());
  });
  chunksLeft = 1;
  await openUploads();
  await choose(big);
  await row(/^waiting, resumes at 32 %/).waitFor({ timeout: UPLOAD_LIMIT_MS });
  chunksLeft = 1;
  await row(/^waiting, resumes at 64 %/).waitFor({ timeout: UPLOAD_LIMIT_MS });
});

test("the browser asks before the page is left; after that the same file is asked for, and goes on where it was", async () => {
  const asking = page.waitForEvent("dialog");
  const leaving = page.reload();
  const question = await asking;
  expect(question.type()).toBe("beforeunload");
  await question.accept();
  await leaving;
  chunksLeft = Number.POSITIVE_INFINITY;
  await openUploads();
  await page.getByRole("region", { name: "Unfinished uploads" }).getByText("big.bin").waitFor();
  await choose(big);
  await row(/^done: uploads\/big\.bin$/).waitFor({ timeout: UPLOAD_LIMIT_MS });
  expect(await hashOf(join(house.nodeData, "instances/hello/uploads/big.bin"))).toBe(await hashOf(big));
});

test("several files go one after another, and one that lies there is overwritten only when told", async () => {
  await choose(await makeFile("small.bin", 1_000), await makeFile("big.bin", 2_000));
  await row(/^done: uploads\/small\.bin$/).waitFor();
  await row("Another file of this name lies there. Overwrite it?").waitFor();
  await page.getByRole("button", { name: "Overwrite big.bin" }).click();
  await expect.poll(() => row(/^done: uploads\/big\.bin$/).count()).toBe(2);
  expect((await readFile(join(house.nodeData, "instances/hello/uploads/big.bin"))).length).toBe(2_000);
});

test("a share link opens the app for a stranger, and no longer when it is revoked", async () => {
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("For (optional)").fill("Grace");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await dialog.getByLabel("The new link").innerText();
  const stranger = await openBrowser();
  await stranger.page.goto(link);
  await stranger.page.getByRole("heading", { name: /^Hello from / }).waitFor();
  await dialog.getByRole("button", { name: "Revoke the link Grace" }).click();
  await dialog.getByText("None.").waitFor();
  await stranger.page.reload();
  await expect.poll(() => stranger.page.getByRole("heading", { name: /^Hello from / }).count()).toBe(0);
  await stranger.close();
});

async function openUploads(): Promise<void> {
  await page.getByRole("row", { name: /hello/ }).dblclick();
  await page.getByRole("button", { name: "Upload files" }).click();
  await page.getByRole("heading", { name: "Upload files to hello" }).waitFor();
}

async function choose(...paths: string[]): Promise<void> {
  await page.getByLabel("Files to upload").setInputFiles(paths);
}

function row(text: string | RegExp) {
  return page.getByRole("list", { name: "Uploads" }).getByText(text);
}

async function makeFile(name: string, bytes: number): Promise<string> {
  const path = join(await mkdtemp(join(folder, "file-")), name);
  await writeFile(path, randomBytes(bytes));
  return path;
}

async function hashOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
