/** The pages of jobs with something on each: axe finds nothing serious, nothing runs out of the window, and keys suffice. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Job } from "@roundhouse/protocol/api/job";
import type { Run } from "@roundhouse/protocol/api/run";
import { LOOKS, sidewaysBy, violations, wear } from "./axe.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { Jobs } from "./jobs.ts";
import { ScriptedModel } from "./scripted-model.ts";

/** Where to leave a picture of each look, for a person to see. */
const PICTURES = process.env["PICTURES"];
const NOTE = ["# Disks", ...Array.from({ length: 12 }, (_, at) => `node ${at}: ${at * 7} % full`), ""].join("\n");
const write = (content: string) => ({ name: "write_file", arguments: { path: "workspace/report.md", content } });

let house: House;
let model: ScriptedModel;
let browser: Browser;
let page: Page;
let job: Job;
let done: Run;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  page = browser.page;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  model?.close();
  await house?.close();
});

const EMPTY = ["/jobs", "/jobs/runs", "/jobs/approvals", "/settings/providers", "/settings/secrets"];
describe.each(LOOKS)("with nothing yet, $colorScheme at $width pixels", (look) => {
  beforeAll(() => wear(page, look));
  test.each([...EMPTY, "/jobs/new", "/settings/audit"])("the page %s is fine", (path) => isFine(path, `empty ${path}`));
});

describe("with a job that has run and one that waits", () => {
  beforeAll(fill);

  describe.each(LOOKS)("$colorScheme at $width pixels", (look) => {
    beforeAll(() => wear(page, look));

    test.each([...EMPTY, "/settings/audit", "/nodes"])("the page %s is fine", (path) => isFine(path, path));

    test("a job and a run are fine", async () => {
      await isFine(`/jobs/${job.id}`, "job");
      await isFine(`/jobs/runs/${done.id}`, "run");
    });

    test("the dialogs are fine", async () => {
      await dialogIsFine("/jobs", "Run Disk report with data");
      await dialogIsFine("/settings/providers", "Add a provider");
      await dialogIsFine("/settings/secrets", "New secret");
      await dialogIsFine("/settings/secrets", "Replace deploy_key");
      await dialogIsFine("/nodes", /^Change the tool policy of /);
    });
  });
});

test("a person starts a job and approves its calls by keys alone", async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await arrive("/jobs");
  await page.getByRole("button", { name: "Run now: Disk report" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Trace" }).getByRole("group", { name: "Call of write_file" }).waitFor();
  const run = page.url().split("/").at(-1)!;
  await arrive("/jobs/approvals");
  const cards = page.getByRole("list", { name: "Waiting for approval" }).getByRole("article");
  await expect.poll(() => cards.count(), { timeout: 20_000 }).toBe(2);
  await cards.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("a");
  await expect.poll(() => cards.count(), { timeout: 20_000 }).toBe(1);
  await cards.first().focus();
  await page.keyboard.press("a");
  await page.getByText("Nothing waits for you").waitFor();
  expect(await new Jobs(house).untilOver(run)).toMatchObject({ status: "succeeded" });
});

test("a run is given data that a person types, once it is JSON", async () => {
  await arrive("/jobs");
  await page.getByRole("button", { name: "Run Disk report with data" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Data").fill("version 2");
  await dialog.getByRole("button", { name: "Run", exact: true }).click();
  await dialog.getByRole("alert").getByText("This is not JSON").waitFor();
  model.follow(() => ({ text: "Seen." }));
  await dialog.getByLabel("Data").fill('{"version": "1.4.2"}');
  await dialog.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("region", { name: "Output of the run" }).getByText("Seen.").waitFor();
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("1.4.2");
});

/** A provider, a secret, a policy that asks, a run that is over, and one that waits for a person. */
async function fill(): Promise<void> {
  const jobs = new Jobs(house);
  const file = NOTE.replace("0 %", "3 %").replace("# Disks", "# Disks of all nodes");
  model = await ScriptedModel.open((_, turn) =>
    turn === 0
      ? { text: "I look at the disks first.", calls: [{ name: "system_stats", arguments: {} }, write(NOTE)] }
      : { text: "All disks have room. The fullest is that of node 11." },
  );
  await jobs.provider("scripted", model);
  await house.api.post("/api/secrets", { name: "deploy_key", value: "a-value-that-nobody-sees" });
  await jobs.setPolicy({ default: "allow", execCommand: true, rules: [] });
  const limits = { turns: 8, minutes: 5, concurrency: 2 };
  job = await jobs.make({
    name: "Disk report",
    tools: ["system_stats", "write_file"],
    secrets: ["deploy_key"],
    limits,
  });
  done = await jobs.whole(job.id);
  expect(done).toMatchObject({ status: "succeeded" });
  await jobs.setPolicy({
    default: "allow",
    execCommand: true,
    rules: [{ tool: "write_file", decision: "ask", where: {} }],
  });
  model.follow((_, turn) => (turn === 0 ? { calls: [write(file)] } : { text: "Written." }));
  const { id } = await jobs.run(job.id);
  await jobs.until(id, "waiting", ({ status }) => status === "waiting");
}

async function arrive(path: string): Promise<void> {
  await page.goto(house.url + path);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  await page.waitForLoadState("networkidle");
}

async function isFine(path: string, name: string): Promise<void> {
  await arrive(path);
  await show(name);
  expect([path, await violations(page), await sidewaysBy(page)]).toEqual([path, [], 0]);
}

async function dialogIsFine(path: string, button: string | RegExp): Promise<void> {
  await arrive(path);
  await page.getByRole("button", { name: button }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await show(`dialog ${String(button)}`);
  expect([button, await violations(page), await sidewaysBy(page)]).toEqual([button, [], 0]);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

async function show(name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  const { width } = page.viewportSize()!;
  const scheme = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  const path = join(PICTURES, `${name.replaceAll(/\W+/g, "-")}-${width}-${scheme}.png`);
  await page.screenshot({ path, fullPage: true });
}
