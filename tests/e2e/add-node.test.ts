/** A machine joins by the line that the dashboard shows, and gets its first app, all through the page. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { killHard, processesNaming } from "./processes.ts";

const JOIN_LIMIT_MS = 60_000;

let house: House;
let browser: Browser;
let page: Page;
/** Where the machine that joins keeps everything. */
let data: string;
let line: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "roundhouse-joined-"));
  // Apps run as another user, who has to pass through.
  await chmod(data, 0o711);
  house = await openHouse();
  browser = await openBrowser();
  ({ page } = browser);
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
  for (const { pid } of processesNaming(data)) killHard(pid);
  await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

test("without a token the line is only shown, and the way to it is told", async () => {
  await page.getByRole("link", { name: "Nodes", exact: true }).click();
  await page.getByRole("button", { name: "Add a node" }).click();
  await page.getByRole("heading", { name: "Add a node" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/nodes/add");
  const copy = stepsOf("Any Linux machine").getByRole("button", { name: "Copy" });
  expect(await copy.getAttribute("aria-disabled")).toBe("true");
  expect(await copy.getAttribute("aria-description")).toContain("Make a token first");
});

test("a notebook's rule is shown before its cell, and the choice of platform is remembered", async () => {
  await page.getByRole("radio", { name: "Kaggle" }).check();
  const steps = stepsOf("Kaggle");
  await steps.getByRole("note").getByText("stay off until an admin confirms").waitFor();
  expect(await steps.locator("code").innerText()).toMatch(/^!curl .* --background$/);
  await page.reload();
  await steps.waitFor();
  await page.getByRole("radio", { name: "Kaggle" }).press("ArrowUp");
  await stepsOf("Google Colab").waitFor();
  await page.getByRole("radio", { name: "Any Linux machine" }).check();
});

test("a token is made, listed with its uses, and the line is copied", async () => {
  await makeLine("for the lab", 2);
  const tokens = page.getByRole("region", { name: "Tokens that still work" });
  await tokens.getByText("2 of 2 left").waitFor();
  await stepsOf("Any Linux machine").getByRole("button", { name: "Copy" }).click();
  await stepsOf("Any Linux machine").getByRole("button", { name: "Copied" }).waitFor();
  line = await page.evaluate(() => navigator.clipboard.readText());
  expect(line).toContain(`curl -fsSL ${house.url}/install.sh | sh -s -- --token `);
  await page.getByText("Waiting for the machine").waitFor();
});

test("the machine that runs the line appears on the page, and says what it is", async () => {
  run(`${line} --name box --data ${join(data, "box")}`);
  const arrived = page.getByRole("article", { name: "box" });
  await arrived.getByText("online").waitFor({ timeout: JOIN_LIMIT_MS });
  await arrived.getByText("Platform").waitFor();
  await page.getByText("Waiting for 1 more machine").waitFor();
  await page.getByText("Good for 1 machine").waitFor();
});

test("a revoked token is shown as such, and its line can no longer be copied", async () => {
  await page.getByRole("button", { name: "Revoke for the lab" }).click();
  await page.getByText("It was revoked").waitFor();
  const copy = stepsOf("Any Linux machine").getByRole("button", { name: "Copy" });
  expect(await copy.getAttribute("aria-disabled")).toBe("true");
  await page.getByText("None: no machine can join now.").waitFor();
  const refused = run(`${line} --name late --data ${join(data, "late")}`);
  expect(await new Promise((resolve) => refused.once("exit", resolve))).not.toBe(0);
});

test("the next step leads to an app on the new node", async () => {
  await page.getByRole("article", { name: "box" }).getByRole("link", { name: "Install an app on it" }).click();
  await page.getByRole("button", { name: "Install Hello" }).click();
  const dialog = page.getByRole("dialog");
  const box = (await house.api.nodes()).find(({ name }) => name === "box");
  await expect.poll(() => dialog.getByLabel("Node", { exact: true }).inputValue()).toBe(box?.id);
  await dialog.getByRole("button", { name: "Install and start" }).click();
  await page
    .getByRole("row", { name: /hello.*box/ })
    .getByText("started")
    .waitFor({ timeout: JOIN_LIMIT_MS });
});

test("on a platform with a rule, apps open only after an admin has confirmed the plan, and not when that is withdrawn", async () => {
  await page.getByRole("link", { name: "Nodes", exact: true }).click();
  await page.getByRole("button", { name: "Add a node" }).click();
  await page.getByRole("button", { name: "Make another" }).click();
  await makeLine("a notebook", 1);
  await page.getByText("Waiting for the machine").waitFor();
  line = await stepsOf("Any Linux machine").locator("code").innerText();
  run(`${line} --name colab --platform colab --data ${join(data, "colab")}`);
  const arrived = page.getByRole("article", { name: "colab" });
  await arrived.getByText("Apps on it cannot be opened yet").waitFor({ timeout: JOIN_LIMIT_MS });
  await arrived.getByText("Google Colab (as it was told)").waitFor();
  const confirm = arrived.getByRole("button", { name: "Confirm that my plan allows this" });
  expect(await confirm.getAttribute("aria-description")).toBe("Tick the box first.");
  const node = (await house.api.nodes()).find(({ name }) => name === "colab");
  const { id } = await house.api.install({ name: "guarded", node: node?.id ?? "" });
  const opening = async () => (await house.api.call("POST", `/api/instances/${id}/open`)).status;
  expect(await opening()).toBe(409);
  await arrived.getByRole("checkbox").check();
  await confirm.click();
  await arrived.getByText(/confirmed on .* that its plan allows them/).waitFor();
  expect(await opening()).toBe(200);
  await arrived.getByRole("button", { name: "Withdraw" }).click();
  await confirm.waitFor();
  expect(await opening()).toBe(409);
});

function stepsOf(way: string) {
  return page.getByRole("region", { name: `Joining: ${way}` });
}

async function makeLine(name: string, machines: number): Promise<void> {
  await page.getByLabel("Name (optional)").fill(name);
  await page.getByLabel("Machines").fill(String(machines));
  await page.getByRole("button", { name: "Make the line" }).click();
}

/** What somebody does who pastes a line into a terminal. */
function run(text: string): ChildProcess {
  return spawn("sh", ["-c", text], { stdio: "inherit", detached: true });
}
