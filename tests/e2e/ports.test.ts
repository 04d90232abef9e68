/** An app with several ports, one of them of its own choice: through the real node, its origins, and the dashboard. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { errorOf } from "./api.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { ask } from "./http.ts";
import { freePort, type House, openHouse } from "./house.ts";
import { until } from "./until.ts";

const SOURCE = readFileSync(join(import.meta.dirname, "fixtures/two-ports.sh"), "utf8");

let house: House;
let browser: Browser;
let page: Page;
let app: Instance;
let own: number;
let other: number;

beforeAll(async () => {
  house = await openHouse();
  const [one, two] = [await freePort(), await freePort()];
  [own, other] = one < two ? [one, two] : [two, one];
  const source = SOURCE.replace("OWN_NUMBER", String(own)).replace("OTHER_NUMBER", String(other));
  await house.api.addBlueprint("two-ports", source);
  app = await house.api.install({ name: "studio", blueprint: "two-ports" });
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

/** What one port's origin answers to a browser that has these cookies. */
const get = (host: string, cookie = "") =>
  ask({ port: house.port, host, headers: cookie === "" ? {} : { Cookie: cookie } });

/** Opens a port as a browser does. */
async function open(port?: string | number): Promise<{ host: string; cookie: string }> {
  const { url } = await house.api.post<{ url: string }>(`/api/instances/${app.id}/open`, { port });
  const { hostname, pathname, search } = new URL(url);
  const answer = await ask({ port: house.port, host: hostname, path: pathname + search });
  const cookie = (answer.headers["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; ");
  return { host: hostname, cookie };
}

async function untilPorts(count: number): Promise<Instance> {
  const look = async () => {
    const instance = await house.api.instance(app.id);
    return instance.ports.filter((port) => port.http).length === count ? instance : undefined;
  };
  return (await until(`${count} ports answer`, look, { limitMs: 30_000 })).value;
}

test("[PT2] an app that ignores the port it is given is found, and its URL leads there", async () => {
  const { ports, port } = await untilPorts(3);
  expect(port).not.toBe(own);
  expect(ports.map((one) => [one.name, one.port])).toEqual([
    ["main", own],
    ["api", expect.any(Number)],
    [null, other],
  ]);
  const { host, cookie } = await open();
  expect(await get(host, cookie)).toMatchObject({ status: 200, text: "the page\n" });
});

test("[PT1] each port has an origin of its own, which the cookie of another does not open", async () => {
  const [main, api, found] = [await open(), await open("api"), await open(other)];
  expect([main.host, api.host, found.host]).toEqual([
    "studio.apps.localhost",
    "studio--api.apps.localhost",
    `studio--${other}.apps.localhost`,
  ]);
  for (const { host, cookie } of [api, found]) {
    expect(await get(host, cookie)).toMatchObject({ status: 200, text: "the api\n" });
    expect((await get(host, main.cookie)).status).toBe(401);
    expect((await get(main.host, cookie)).status).toBe(401);
  }
  expect((await get("studio--nope.apps.localhost", api.cookie)).status).toBe(421);
  expect((await get(`studio--${house.port}.apps.localhost`)).status).toBe(421);
});

test("a second one that wants the same number dies of it, and is told whose it is", async () => {
  const second = await house.api.create({ name: "studio two", blueprint: "two-ports" });
  const { value } = await house.api.untilStatus(second.id, "error", 30_000);
  expect(value.reason).toMatchObject({
    code: "port_in_use",
    message: expect.stringMatching(new RegExp(`${own}.* by the instance "studio"`)),
  });
  await house.api.remove(second.id);
});

test("the menu beside Open lists every port, and opens the one that is chosen", async () => {
  await page.goto(`${house.url}/`);
  await page.getByRole("rowheader", { name: "studio", exact: true }).dblclick();
  await page.getByRole("button", { name: "All 3 ports of studio" }).click();
  const list = page.getByRole("list", { name: "Ports of studio" });
  await list.waitFor();
  expect(await list.getByRole("link").count()).toBe(3);
  const arriving = browser.context.waitForEvent("page");
  await list.getByRole("link", { name: /^api/ }).click();
  const opened = await arriving;
  await opened.getByText("the api").waitFor();
  expect(new URL(opened.url()).hostname).toBe("studio--api.apps.localhost");
  await opened.close();
});

test("the menu works by keyboard: Esc closes it and not the pane", async () => {
  const button = page.getByRole("button", { name: "All 3 ports of studio" });
  await button.press("Enter");
  const list = page.getByRole("list", { name: "Ports of studio" });
  await list.waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  await expect.poll(focused).toContain("main");
  await page.keyboard.press("ArrowDown");
  await expect.poll(focused).toContain("api");
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "hidden" });
  expect(await button.isVisible()).toBe(true);
});

test("an address of a port leads a browser without a grant through the dashboard to it", async () => {
  const fresh = await browser.context.newPage();
  await browser.context.clearCookies({ domain: "studio--api.apps.localhost" });
  await fresh.goto(`http://studio--api.apps.localhost:${house.port}/`);
  await fresh.getByText("the api").waitFor();
  await fresh.close();
});

test("the ports of a node are changed on its page, and what is wrong is told at the field", async () => {
  const [node] = await house.api.nodes();
  await page.getByRole("link", { name: "Nodes", exact: true }).click();
  await page.getByRole("button", { name: `Change the ports of ${node?.name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("First").fill("80");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("a number from 1024 to 65535").waitFor();
  await dialog.getByLabel("First").fill("19101");
  await dialog.getByLabel("Last").fill("19120");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Ports 19101–19120: ").waitFor();
  expect((await house.api.nodes())[0]?.portPool).toEqual({ first: 19101, last: 19120 });
});

test("twenty apps run on a pool of twenty, and one more gets a clear error", { timeout: 300_000 }, async () => {
  await house.api.remove(app.id);
  const names = Array.from({ length: 20 }, (_, index) => `tiny ${index + 1}`);
  const made = [];
  for (const name of names) made.push(await house.api.create({ name }));
  const ports = [];
  for (const { id } of made) ports.push((await house.api.untilStatus(id, "started", 200_000)).value.port);
  expect(ports.toSorted()).toEqual(names.map((_, index) => 19101 + index));
  const refused = await house.api.call("POST", "/api/instances", {
    ...{ name: "one more", blueprint: "hello", node: made[0]?.node, start: true },
  });
  expect(refused.status).toBe(409);
  expect(errorOf(refused)).toMatchObject({
    code: "port_pool_empty",
    message: expect.stringContaining("20 running instances use all 20 from 19101 to 19120"),
  });
});
