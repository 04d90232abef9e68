/** Variables of an instance in the dashboard: added by keys, refused at their row, saved, seen again, and told of at their secret. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { InvitedUser } from "@roundhouse/protocol/api/person";
import { LOOKS, sidewaysBy, violations, wear } from "./axe.ts";
import { ACCOUNT, type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

/** Where to leave a picture of each look, for a person to see. */
const PICTURES = process.env["PICTURES"];
const SAVED = [
  { name: "GREETING", value: "hello\nworld" },
  { name: "HF_TOKEN", secret: "hf_read" },
];

let house: House;
let browser: Browser;
let page: Page;
let alpha: Instance;

beforeAll(async () => {
  house = await openHouse();
  alpha = await house.api.install({ name: "alpha" });
  browser = await openBrowser();
  ({ page } = browser);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("a variable is added by keys alone, and a refused name is refused at its row", async () => {
  const dialog = await openEdit(page);
  await dialog.getByText("Settings its app reads").waitFor();
  await dialog.getByRole("button", { name: "Add variable" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByRole("group", { name: "Variable 1" }).waitFor();
  await dialog.getByRole("button", { name: "Add variable" }).focus();
  await page.keyboard.press("Enter");
  const second = dialog.getByRole("group", { name: "Variable 2" });
  await expect.poll(() => hasFocus(second.getByLabel("name"))).toBe(true);
  await page.keyboard.type("LD_PRELOAD");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("hello");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("world");
  expect(await changesOf(dialog)).toEqual(["LD_PRELOAD: not set → hello world"]);
  await page.keyboard.press("Enter");
  // The empty row before it is not sent, and the answer counts without it.
  await second.getByRole("alert").getByText("the launch sets this variable itself").waitFor();
  await expect.poll(() => hasFocus(second.getByLabel("name"))).toBe(true);
  await picture("refused");
  expect((await house.api.instance(alpha.id)).env).toEqual([]);
  await page.keyboard.type("GREETING");
  await dialog.getByRole("button", { name: "Remove variable 1" }).focus();
  await page.keyboard.press("Enter");
  expect(await hasFocus(dialog.getByRole("button", { name: "Add variable" }))).toBe(true);
  expect(await dialog.getByRole("alert").innerText()).toMatch(/the launch sets/i);
  await dialog.getByLabel("Variable 1: name").fill("GREETING");
  await dialog.getByRole("button", { name: "Save and restart" }).click();
  await page.getByText("Saved: alpha restarts.").waitFor();
  expect((await house.api.instance(alpha.id)).env).toEqual(SAVED.slice(0, 1));
});

test("a secret is made on the spot and bound; making it saves nothing else", async () => {
  const dialog = await openEdit(page);
  await dialog.getByRole("button", { name: "Add variable" }).click();
  const second = dialog.getByRole("group", { name: "Variable 2" });
  await second.getByLabel("name").fill("HF_TOKEN");
  await second.getByLabel("kind").selectOption("secret");
  expect(await dialog.getByRole("link", { name: "Secrets" }).getAttribute("href")).toBe("/settings/secrets");
  await second.getByLabel(": secret").selectOption("new secret…");
  const making = page.getByRole("dialog", { name: "New secret" });
  const saves: string[] = [];
  page.on("request", (request) => request.method() === "PATCH" && saves.push(request.url()));
  await making.getByLabel("Name").fill("hf_read");
  await making.getByLabel("Value").fill("a-value-that-nobody-sees");
  await making.getByRole("button", { name: "Keep it" }).click();
  await making.waitFor({ state: "detached" });
  expect(await second.getByLabel(": secret").inputValue()).toBe("hf_read");
  expect(saves).toEqual([]);
  await picture("secret");
  expect(await changesOf(dialog)).toEqual(["HF_TOKEN: not set → secret hf_read"]);
  await dialog.getByLabel(/^Restart it now/).uncheck();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("takes it over at its next start").waitFor();
  expect((await house.api.instance(alpha.id)).env).toEqual(SAVED);
});

test("what was saved is there again, and what is removed is told before it is", async () => {
  const dialog = await openEdit(page);
  expect(await valuesOf(dialog)).toEqual(["GREETING", "value", "hello\nworld", "HF_TOKEN", "secret", "hf_read"]);
  await dialog.getByRole("button", { name: "Remove GREETING" }).click();
  expect(await changesOf(dialog)).toEqual(["GREETING: hello world → not set"]);
});

test("the page of secrets links to the instance, and the secret stays while it is used", async () => {
  await page.goto(`${house.url}/settings/secrets`);
  await page.getByRole("button", { name: "Remove hf_read" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("It is in use: instance alpha").waitFor();
  await picture("in use");
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page
    .getByRole("row", { name: /hf_read/ })
    .getByRole("link", { name: "alpha" })
    .click();
  await page.getByRole("region", { name: "Log of alpha" }).waitFor();
});

test("an operator changes what is plain, and only sees what is bound", async () => {
  const invited = await house.api.post<InvitedUser>("/api/users", { ...OPERATOR, role: "operator" });
  const other = await openBrowser({ width: 390, height: 844 });
  try {
    await other.page.goto(invited.link.url);
    await other.page.getByLabel("Password").fill(ACCOUNT.password);
    await other.page.getByRole("button", { name: "Continue" }).click();
    await other.page.getByRole("navigation", { name: "Pages" }).waitFor();
    const dialog = await openEdit(other.page);
    await dialog.getByText("Only an admin can bind a secret").waitFor();
    expect(await valuesOf(dialog)).toEqual(["GREETING", "value", "hello\nworld", "HF_TOKEN", "secret", "hf_read"]);
    for (const label of ["Variable 1: kind", "Variable 2: kind"]) {
      expect(await dialog.getByLabel(label).isEnabled()).toBe(false);
    }
    for (const label of ["Variable 2: name", "Variable 2: secret"]) {
      expect(await dialog.getByLabel(label).isEditable()).toBe(false);
    }
    expect(await violations(other.page)).toEqual([]);
    await dialog.getByText("Only an admin can bind a secret").scrollIntoViewIfNeeded();
    await picture("operator", other.page);
    await dialog.getByLabel("Variable 1: value").fill("good day");
    await dialog.getByRole("button", { name: "Save and restart" }).click();
    await other.page.getByText("Saved: alpha restarts.").waitFor();
    expect((await house.api.instance(alpha.id)).env).toEqual([{ name: "GREETING", value: "good day" }, SAVED[1]]);
  } finally {
    await other.close();
  }
});

test("an instance is installed, and a satellite made, with variables of its own", async () => {
  await page.goto(`${house.url}/catalogue`);
  await page.getByRole("button", { name: "Install Hello" }).click();
  const installing = page.getByRole("dialog");
  await installing.getByLabel("Name", { exact: true }).fill("beta");
  await addPlain(installing, "PATH", "/bin");
  await installing.getByRole("button", { name: "Install and start" }).click();
  await installing.getByRole("group", { name: "Variable 1" }).getByRole("alert").waitFor();
  await installing.getByLabel("Variable 1: name").fill("FROM");
  await installing.getByRole("button", { name: "Install and start" }).click();
  await page.getByRole("region", { name: "Log of beta" }).waitFor();
  await page.goto(`${house.url}/?instance=${alpha.id}`);
  await page.getByRole("button", { name: "New satellite" }).click();
  const deriving = page.getByRole("dialog");
  await addPlain(deriving, "OF", "alpha");
  await deriving.getByRole("button", { name: "Make", exact: true }).click();
  await page.getByText("alpha-2 is ready to be started.").waitFor();
  const made = Object.fromEntries((await house.api.instances()).map(({ name, env }) => [name, env]));
  expect(made).toMatchObject({ beta: [{ name: "FROM", value: "/bin" }], "alpha-2": [{ name: "OF", value: "alpha" }] });
});

describe.each(LOOKS)("$colorScheme at $width pixels", (look) => {
  beforeAll(() => wear(page, look));

  test("the edit dialog is fine, with variables in it", async () => {
    const dialog = await openEdit(page);
    await addPlain(dialog, "PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True,max_split_size_mb:512 ".repeat(3));
    const value = dialog.getByRole("group", { name: "Variable 3" }).getByLabel("value");
    await expect.poll(() => isWithin(value, dialog.locator("[data-dialog-body]"))).toBe(true);
    await isFine(`edit ${look.width} ${look.colorScheme}`);
  });

  test("the install dialog is fine, without and with one", async () => {
    await page.goto(`${house.url}/catalogue`);
    await page.getByRole("button", { name: "Install Hello" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Add variable" }).waitFor();
    await isFine(`install ${look.width} ${look.colorScheme}`);
    await addPlain(dialog, "PATH", "/models");
    await dialog.getByRole("button", { name: "Install and start" }).click();
    await dialog.getByRole("group", { name: "Variable 1" }).getByRole("alert").waitFor();
    await isFine(`install refused ${look.width} ${look.colorScheme}`);
  });
});

const OPERATOR = { name: "Charles Babbage", email: "charles@example.com" };

type Dialog = ReturnType<Page["getByRole"]>;

async function openEdit(on: Page): Promise<Dialog> {
  await on.goto(`${house.url}/?instance=${alpha.id}`);
  await on.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = on.getByRole("dialog", { name: "Edit alpha" });
  await dialog.waitFor();
  return dialog;
}

async function addPlain(dialog: Dialog, name: string, value: string): Promise<void> {
  await dialog.getByRole("button", { name: "Add variable" }).click();
  const row = dialog.getByRole("group", { name: /^Variable \d/ }).last();
  await row.getByLabel("name").fill(name);
  await row.getByLabel("value").fill(value);
}

function changesOf(dialog: Dialog): Promise<string[]> {
  return dialog.getByRole("region", { name: "What saving will do" }).getByRole("listitem").allInnerTexts();
}

/** What its rows hold, control after control. */
function valuesOf(dialog: Dialog): Promise<string[]> {
  const controls = dialog.getByRole("group", { name: /^Variable \d/ }).locator("input, select, textarea");
  return controls.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
}

function hasFocus(control: ReturnType<Page["getByLabel"]>): Promise<boolean> {
  return control.evaluate((element) => element === document.activeElement);
}

/** Whether it is in sight there, from its top to its bottom. */
async function isWithin(control: Dialog, frame: Dialog): Promise<boolean> {
  const [inner, outer] = await Promise.all([control.boundingBox(), frame.boundingBox()]);
  return inner!.y >= outer!.y && inner!.y + inner!.height <= outer!.y + outer!.height;
}

async function isFine(name: string): Promise<void> {
  expect([name, await violations(page), await sidewaysBy(page)]).toEqual([name, [], 0]);
  await picture(name);
}

async function picture(name: string, on = page): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await on.screenshot({ path: join(PICTURES, `${name.replaceAll(" ", "-")}.png`) });
}
