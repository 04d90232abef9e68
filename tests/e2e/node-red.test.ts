/** Node-RED from the catalogue: installed, opened, used and stopped through its URL, in a real browser. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, installFromCatalogue, openBrowser, pressOpen, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { ask } from "./http.ts";
import { measured, until } from "./until.ts";

const INSTALL_LIMIT_MS = 150_000;
const EDITOR_LIMIT_MS = 60_000;
const TAB = "Made by a test";
const FLOW = [
  { id: "e2etab", type: "tab", label: TAB },
  { id: "e2ein", type: "http in", z: "e2etab", url: "/greet", method: "get", x: 120, y: 80, wires: [["e2efn"]] },
  {
    ...{ id: "e2efn", type: "function", z: "e2etab", name: "greet", x: 290, y: 80, wires: [["e2eout"]] },
    ...{ func: 'msg.payload = "hello " + msg.req.query.who;\nreturn msg;', outputs: 1 },
  },
  { id: "e2eout", type: "http response", z: "e2etab", name: "", x: 450, y: 80, wires: [] },
];

let house: House;
let browser: Browser;
let page: Page;
let editor: Page;
let appUrl: string;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  ({ page } = browser);
  appUrl = `http://node-red.apps.localhost:${house.port}/`;
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("it installs from the catalogue while its log grows", async () => {
  await installFromCatalogue(page, "Node-RED");
  const [instance] = await house.api.instances();
  const log = page.getByRole("region", { name: "Log of node-red" });
  await log.getByText(/Installing Node-RED/).waitFor();
  const shown = new Set<string>();
  const isStarted = async (): Promise<boolean> => {
    shown.add(await log.innerText());
    const { status } = await house.api.instance(instance?.id ?? "");
    if (status === "error") throw new Error([...shown].at(-1));
    return status === "started";
  };
  const options = { limitMs: INSTALL_LIMIT_MS, seen: () => [...shown].at(-1) ?? "" };
  measured("Node-RED: install → started", (await until("it is started", isStarted, options)).tookMs);
  expect(shown.size).toBeGreaterThan(3);
  await log.getByText(/Server now running at/).waitFor();
});

test("Open leads to the real editor, whose WebSocket is connected through the link", async () => {
  editor = await pressOpen(browser);
  const connecting = editor.waitForEvent("websocket", (socket) => socket.url().endsWith("/comms"));
  await untilEditorShows();
  expect(editor.url().split("#")[0]).toBe(appUrl);
  const comms = await connecting;
  expect(comms.url()).toBe(`${appUrl.replace("http", "ws")}comms`);
  expect(comms.isClosed()).toBe(false);
});

test("a flow is imported in the editor, deployed, and answers at the app's URL", async () => {
  await editor.locator("#red-ui-workspace-chart").click();
  await editor.keyboard.press("Control+i");
  await editor.locator("#red-ui-clipboard-dialog-import-text").fill(JSON.stringify(FLOW));
  await editor.locator("#red-ui-clipboard-dialog-ok").click();
  await editor.getByText(TAB).first().waitFor();
  const deploying = editor.waitForResponse((one) => one.url().endsWith("/flows") && one.request().method() === "POST");
  await editor.locator("#red-ui-header-button-deploy").click();
  expect((await deploying).status()).toBeLessThan(300);
  expect(await greet("engine")).toBe("200 hello engine");
});

test("while it is stopped its URL shows the live page, and after a start the app again", async () => {
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  const [instance] = await house.api.instances();
  await house.api.untilStatus(instance?.id ?? "", "stopped");
  await editor.goto(appUrl);
  await editor.getByRole("heading", { name: "This app is stopped" }).waitFor();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await untilEditorShows();
  expect(await greet("again")).toBe("200 hello again");
});

test("the flow's endpoint shows nothing to a stranger", async () => {
  const answer = await ask({ port: house.port, host: "node-red.apps.localhost", path: "/greet?who=stranger" });
  expect(answer.status).toBe(401);
  expect(answer.text).not.toContain("hello");
});

/** The palette is the last thing the editor fills. */
function untilEditorShows(): Promise<void> {
  return editor.getByText("inject", { exact: true }).first().waitFor({ timeout: EDITOR_LIMIT_MS });
}

/** Calls the flow from the app's own page. */
function greet(who: string): Promise<string> {
  return editor.evaluate(async (name) => {
    const response = await fetch(`/greet?who=${name}`);
    return `${response.status} ${await response.text()}`;
  }, who);
}
