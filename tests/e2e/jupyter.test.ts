/** Jupyter from the catalogue in a real browser: a kernel counts, a terminal answers, and its own guards stay up. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, installFromCatalogue, openBrowser, pressOpen, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { ask } from "./http.ts";

const START_LIMIT_MS = 60_000;
const KERNEL_LIMIT_MS = 60_000;

let house: House;
let browser: Browser;
let tree: Page;
let port: number;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  await signIn(browser.page, house);
  await installFromCatalogue(browser.page, "Jupyter");
  const [instance] = await house.api.instances();
  const started = await house.api.untilStatus(instance?.id ?? "", "started", START_LIMIT_MS);
  port = started.value.port ?? 0;
  tree = await pressOpen(browser);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("Open leads to the notebooks, without a password", async () => {
  await tree.getByText("The notebook list is empty.").waitFor();
  expect(new URL(tree.url()).host).toBe(`jupyter.apps.localhost:${house.port}`);
});

test("a kernel runs what is typed, over its WebSocket through the link", async () => {
  const notebook = await openNew("Python 3 (ipykernel)");
  const isIdle = notebook.locator("#kernel_indicator_icon.kernel_idle_icon");
  await isIdle.waitFor({ timeout: KERNEL_LIMIT_MS });
  await notebook.locator(".CodeMirror").first().click();
  await notebook.keyboard.type("6*7");
  await notebook.keyboard.press("Shift+Enter");
  await notebook.locator(".output_result").getByText("42", { exact: true }).waitFor({ timeout: KERNEL_LIMIT_MS });
});

test("a terminal answers a command, typed into its WebSocket from Jupyter's own page", async () => {
  // Debian 12's page for it is broken by its packaging, with or without us; the server behind it is whole.
  expect(await typedIntoTerminal(tree, "echo answer=$((6*7)) as $(id -un) in $PWD\r")).toMatch(
    /answer=42 as \S+ in \S*notebooks/,
  );
});

test("the View tab frames it: its pages are there, and its WebSockets answer", async () => {
  const { page } = browser;
  await page.getByRole("row", { name: /jupyter/i }).click();
  await page.getByRole("tab", { name: "View" }).click();
  const framed = await page.waitForSelector('iframe[title="App of jupyter"]');
  const frame = await framed.contentFrame();
  await frame?.getByRole("link", { name: "Untitled.ipynb" }).waitFor();
  expect(frame && (await typedIntoTerminal(frame, "echo answer=$((6*7))\r"))).toContain("answer=42");
});

/** What a terminal of Jupyter's prints after a command that prints `answer=42`. */
function typedIntoTerminal(page: Pick<Page, "evaluate">, line: string): Promise<string> {
  return page.evaluate(async (command) => {
    const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
    const made = await fetch("/api/terminals", { method: "POST", headers: { "X-XSRFToken": xsrf } });
    const { name } = (await made.json()) as { name: string };
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/terminals/websocket/${name}`);
    return new Promise<string>((resolve, reject) => {
      let text = "";
      socket.addEventListener("error", () => reject(new Error("the terminal's socket failed")));
      socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
        const [kind, said] = JSON.parse(data) as [string, string];
        if (kind === "setup") socket.send(JSON.stringify(["stdin", command]));
        if (kind === "stdout") text += said;
        if (text.includes("answer=42")) resolve(text);
      });
    });
  }, line);
}

test("its guards against other sites stay up: it is told of no foreign origin it should take", async () => {
  const local = { Host: `127.0.0.1:${port}` };
  const status = async (headers: Record<string, string>, path = "/api/kernels") =>
    (await ask({ port, path, method: "POST", headers: { ...local, ...headers }, body: "{}" })).status;
  expect(await status({ Origin: "https://evil.example" })).toBe(403);
  expect((await ask({ port, path: "/api", headers: { Host: "evil.example" } })).status).toBe(403);
});

/** Chooses from the tree's menu of new things; it opens in a tab of its own. */
async function openNew(what: string): Promise<Page> {
  const arriving = browser.context.waitForEvent("page");
  await tree.locator("#new-dropdown-button").click();
  await tree.locator("#new-menu").getByText(what, { exact: true }).click();
  return arriving;
}
