/** A recipe in AiKore's format that calls conda, on this machine as it is, with packages from an index of our own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { NodeVersions, VersionReport } from "@roundhouse/protocol/api/versions";
import { PackageIndex } from "../worker-agent/environments/package-index.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

const RECIPE = readFileSync(join(import.meta.dirname, "fixtures/conda-recipe.sh"), "utf8");
const INSTALL_LIMIT_MS = 150_000;

let index: PackageIndex;
let house: House;
let painter: Instance;
let browser: Browser;

beforeAll(async () => {
  index = await PackageIndex.open();
  index.add("numpy", "2.3.0");
  index.add("diffusers", "0.40.0", { requires: ["numpy<2"] });
  house = await openHouse(undefined, { PIP_INDEX_URL: index.url, PYTORCH_INDEX: new URL("/simple", index.url).href });
  await house.api.addBlueprint("Painter", RECIPE);
  painter = await house.api.install({ name: "Painter", blueprint: "Painter" }, INSTALL_LIMIT_MS);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
  index?.close();
});

test("a node says what its apps can make environments with", async () => {
  const [node] = await house.api.nodes();
  expect(node?.facts?.environments?.pythons.some(({ venv }) => venv)).toBe(true);
});

test("the recipe runs unchanged, and its environment is where it says", async () => {
  const log = await house.api.log(painter.id);
  expect(log).toContain(`Environment: ${join(house.nodeData, "instances/painter/env")}`);
  expect(log.match(/Creating the environment/g)).toHaveLength(1);
});

test("a restart makes nothing anew", async () => {
  await house.api.post(`/api/instances/${painter.id}/restart`);
  await house.api.untilStatus(painter.id, "started", INSTALL_LIMIT_MS);
  expect((await house.api.log(painter.id)).match(/Creating the environment/g)).toHaveLength(1);
});

test("the report has its versions and what does not fit together; a satellite's is its parent's", async () => {
  const check = (id: string) => house.api.post<VersionReport>(`/api/instances/${id}/version-check`);
  const report = await check(painter.id);
  expect(report.packages).toContainEqual({ name: "numpy", version: "2.3.0" });
  expect(report.conflicts).toEqual(["diffusers 0.40.0 has requirement numpy<2, but you have numpy 2.3.0."]);
  const satellite = await house.api.post<Instance>(`/api/instances/${painter.id}/satellite`, {
    name: "Second",
    start: true,
  });
  await house.api.untilStatus(satellite.id, "started", INSTALL_LIMIT_MS);
  const { environment, packages } = await check(satellite.id);
  expect({ environment, packages }).toEqual({ environment: report.environment, packages: report.packages });
});

test("a node names the versions it can give, from its list where the index has no PyTorch", async () => {
  const versions = await house.api.get<NodeVersions>(`/api/nodes/${painter.node}/versions`);
  expect(versions.torchSource).toBe("build");
  expect(versions.pythons.map(({ source }) => source)).toContain("installed");
});

test("the table's cell suggests what the node can give, and takes anything else", async () => {
  browser = await openBrowser({ width: 1900 });
  const { page } = browser;
  await signIn(page, house);
  await page.getByRole("link", { name: "Instances", exact: true }).click();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Environment" }).click();
  await page.keyboard.press("Escape");
  await page.locator(`#row-${painter.id}`).click();
  const cell = page.locator(`#row-${painter.id} [data-column=environment]`);
  await cell.getByText("default").waitFor();
  await cell.focus();
  await page.keyboard.press("Enter");
  const field = page.getByLabel("Torch of Painter");
  const list = page.locator(`datalist#${await field.getAttribute("list")} option`);
  await list.first().waitFor({ state: "attached" });
  expect(await list.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))).toContain("2.10.0");
  await field.fill("2.4.0");
  await field.press("Enter");
  await page.getByText("torch 2.4.0").waitFor();
});

test("the pane shows the report", async () => {
  const { page } = browser;
  await page.locator(`#row-${painter.id} [data-column=node]`).dblclick();
  await page.getByRole("tab", { name: "Environment" }).click();
  await page.getByRole("button", { name: "Check versions" }).click();
  await page.getByText("diffusers 0.40.0 has requirement numpy<2").waitFor({ timeout: 60_000 });
  await page.getByRole("row", { name: "numpy 2.3.0" }).waitFor();
});
