/** Container blueprints in the dashboard, where no engine is: written, refused at a line, mended, shown, and what an instance of one has. */
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { LOOKS, sidewaysBy, violations, wear } from "./axe.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { killHard } from "./processes.ts";
import { until } from "./until.ts";

/** Where to leave a picture of each look, for a person to see. */
const PICTURES = process.env["PICTURES"];
const OWN_YAML = "title: Own\nimage: busybox:1.37\n";

let house: House;
let browser: Browser;
let page: Page;
let temp: string;
let mine: Instance;

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), "roundhouse-engine-"));
  mine = await installWithoutRunning(join(temp, "docker.sock"));
  browser = await openBrowser();
  ({ page } = browser);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
  await rm(temp, { recursive: true, force: true });
});

test("a container blueprint is begun, refused at its line, mended and saved", async () => {
  await begin("Container");
  await preview("python:3.13-slim").waitFor();
  await page.getByLabel("Name").fill("web");
  await page.getByRole("textbox", { name: "YAML of the blueprint" }).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("privileged: true");
  const found = page.getByRole("list", { name: "What is wrong" });
  await expect
    .poll(() => found.getByRole("listitem").allInnerTexts())
    .toEqual([expect.stringMatching(/^Line \d+, error: privileged: it is never given: .* is root of its node$/)]);
  await page.locator(".cm-lint-marker-error").waitFor();
  await preview("Without errors").waitFor();
  await page.getByRole("button", { name: "Add to the catalogue" }).click();
  await page
    .getByRole("alert")
    .getByText(/line \d+, privileged/)
    .waitFor();
  await picture("refused");
  await found.getByRole("button", { name: /^Line/ }).click();
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("network: true");
  await preview("yes: it reaches other machines").waitFor();
  await page.getByRole("button", { name: "Add to the catalogue" }).click();
  const card = page.getByRole("listitem").filter({ hasText: "My app" });
  await card.getByText("Tools · container · custom").waitFor();
  await card.getByText("Needs Docker").waitFor();
  expect(await kinds()).toEqual({ own: "container", web: "container" });
});

test("it is changed and copied, and stays a container", async () => {
  await page.getByRole("button", { name: "Edit My app" }).click();
  await page
    .getByRole("textbox", { name: "YAML of the blueprint" })
    .getByText("network: true", { exact: true })
    .waitFor();
  await page.getByRole("textbox", { name: "YAML of the blueprint" }).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Changed.\n");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("web is saved.").waitFor();
  await page.getByRole("button", { name: "Copy My app as a custom blueprint" }).click();
  await page.getByText("# Changed.").waitFor();
  await page.getByRole("button", { name: "Add to the catalogue" }).click();
  await page.getByText("My app is in the catalogue, as web-custom.").waitFor();
  expect(await kinds()).toEqual({ own: "container", web: "container", "web-custom": "container" });
});

test("a file becomes a blueprint of the kind that its name says, and drafts of both kinds stay apart", async () => {
  await page.getByLabel("to upload").setInputFiles({
    ...{ name: "my db.yml", mimeType: "application/yaml", buffer: Buffer.from("image: postgres:17\nport: 5432\n") },
  });
  await preview("postgres:17").waitFor();
  expect(await page.getByLabel("Name").inputValue()).toBe("my-db");
  await page.getByRole("link", { name: "Catalogue", exact: true }).click();
  await begin("Script");
  await page.getByRole("textbox", { name: "Script of the blueprint" }).getByText("#!/bin/bash").waitFor();
  await page.getByRole("link", { name: "Catalogue", exact: true }).click();
  await begin("Container");
  await preview("postgres:17").waitFor();
  await page.getByRole("button", { name: "Add to the catalogue" }).click();
  await page.getByRole("button", { name: "Install my-db" }).waitFor();
  expect(await kinds()).toMatchObject({ "my-db": "container" });
});

test("the dialog to install says that the node lacks Docker", async () => {
  await page.getByRole("button", { name: "Install my-db" }).click();
  const dialog = page.getByRole("dialog", { name: "Install my-db" });
  await dialog.getByText(/It needs Docker; it is not usable there/).waitFor();
  expect(await dialog.getByRole("button", { name: "Install and start" }).getAttribute("aria-disabled")).toBe("true");
  await picture("install");
  await page.keyboard.press("Escape");
});

test("the editor of an instance opens its YAML, which becomes a container blueprint", async () => {
  await openTab(mine, "Editor");
  await page.getByRole("textbox", { name: "Text of container.yaml" }).getByText("image: busybox:1.37").waitFor();
  await picture("editor");
  await page.getByRole("button", { name: "Save as blueprint" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Add to the catalogue" }).click();
  await page.getByText("Own is in the catalogue, as mine-custom.").waitFor();
  expect(await kinds()).toMatchObject({ "mine-custom": "container" });
});

test("nothing asks for Python of a container", async () => {
  await openTab(mine, "Environment");
  await page.getByRole("heading", { name: "What it runs is in its image" }).waitFor();
  expect(await page.getByRole("button", { name: "Check versions" }).count()).toBe(0);
  await page.getByRole("button", { name: "See its container.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of container.yaml" }).waitFor();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Outputs folder").waitFor();
  expect(await dialog.getByLabel("PyTorch").count()).toBe(0);
  const choices = dialog.getByLabel("Blueprint").locator("option");
  expect(await choices.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))).not.toContain("hello");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "More", exact: true }).click();
  const rebuild = page.getByRole("menuitem", { name: "Rebuild environment…" });
  expect(await rebuild.getAttribute("aria-description")).toContain("is in its image");
  await page.keyboard.press("Escape");
});

describe.each(LOOKS)("$colorScheme at $width pixels", (look) => {
  beforeAll(() => wear(page, look));
  const isFine = async (name: string): Promise<void> => {
    expect([name, await violations(page), await sidewaysBy(page)]).toEqual([name, [], 0]);
    await picture(`${name} ${look.width} ${look.colorScheme}`);
  };

  test("the catalogue with its menu and the page of a container are fine", async () => {
    await page.goto(`${house.url}/catalogue`);
    await page.getByRole("button", { name: "New blueprint" }).click();
    await page.getByRole("menuitem", { name: "Container" }).waitFor();
    await isFine("menu");
    await page.keyboard.press("Escape");
    await page.goto(`${house.url}/catalogue/blueprint/new?kind=container`);
    await preview("python:3.13-slim").waitFor();
    await page.getByRole("textbox", { name: "YAML of the blueprint" }).waitFor();
    await isFine("page");
  });

  test("the tabs of an instance are fine", async () => {
    for (const tab of ["Editor", "Environment"]) {
      await openTab(mine, tab);
      await page.getByRole("tabpanel").getByRole("region").first().waitFor();
      await isFine(tab.toLowerCase());
    }
  });
});

async function begin(kind: "Script" | "Container"): Promise<void> {
  if (!page.url().endsWith("/catalogue")) await page.getByRole("link", { name: "Catalogue", exact: true }).click();
  await page.getByRole("button", { name: "New blueprint" }).click();
  await page.getByRole("menuitem", { name: kind }).click();
}

/** What the page says beside the text. */
function preview(words: string): ReturnType<Page["getByText"]> {
  return page.getByRole("complementary", { name: "What the catalogue will say" }).getByText(words);
}

async function openTab({ id }: Instance, name: string): Promise<void> {
  await page.goto(`${house.url}/?instance=${id}`);
  await page.getByRole("tab", { name }).click();
}

/** Its node has an engine in name only, so it ends before it runs, with its folder made; and then no engine any more. */
async function installWithoutRunning(socketPath: string): Promise<Instance> {
  const engine = createServer(({ url }, answer) => {
    if (url === "/version") return void answer.end('{"Version":"1"}');
    answer.writeHead(500).end('{"message":"there is nothing here"}');
  });
  await once(engine.listen(socketPath), "listening");
  house = await openHouse(undefined, { DOCKER_HOST: `unix://${socketPath}` });
  await house.api.post("/api/blueprints", { name: "own", kind: "container", source: OWN_YAML });
  const made = await house.api.create({ name: "mine", blueprint: "own" });
  const { value } = await house.api.untilStatus(made.id, "error");
  engine.closeAllConnections();
  await new Promise((done) => engine.close(done));
  // The next one tells the facts of its node anew.
  killHard(await house.agentPid());
  const hasNoEngine = async () => (await house.api.nodes())[0]?.facts?.docker.available === false;
  await until("the node says that it has no engine", hasNoEngine, { limitMs: 30_000 });
  await house.untilOnline();
  return value;
}

/** Of the custom blueprints. */
async function kinds(): Promise<Record<string, string>> {
  const custom = (await house.api.blueprints()).filter(({ origin }) => origin === "custom");
  return Object.fromEntries(custom.map(({ name, kind }) => [name, kind]));
}

async function picture(name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name.replaceAll(" ", "-")}.png`) });
}
