/** A shell on a node, through the dashboard in a real browser: typed into, resized, left and found again, and ended. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Locator, Page } from "playwright-core";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Terminal } from "@roundhouse/protocol/terminal";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { freePort, type House, makeHouse } from "./house.ts";
import { isAlive } from "./processes.ts";
import { RemoteAgent } from "./remote-agent.ts";
import { until } from "./until.ts";

let house: House;
let proxy: CuttingProxy;
let agent: RemoteAgent;
let browser: Browser;
let page: Page;
let app: Instance;
const complaints: string[] = [];

beforeAll(async () => {
  const port = await freePort();
  house = await makeHouse(port, { ROUNDHOUSE_NO_LOCAL_NODE: "1" });
  await house.start();
  proxy = new CuttingProxy(port);
  agent = new RemoteAgent(house, await proxy.listen(), "far away");
  await agent.start();
  const node = await agent.untilStatus("online");
  app = await house.api.install({ name: "hello", node: node.id });
  browser = await openBrowser();
  ({ page } = browser);
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: house.url });
  await signIn(page, house);
});
afterAll(async () => {
  await browser?.close();
  await agent?.end();
  proxy?.close();
  await house?.close();
});

const input = (): Locator => page.getByRole("textbox", { name: /^Terminal .* of hello/ });
const terminals = async (): Promise<Terminal[]> =>
  (await house.api.get<{ items: Terminal[] }>(`/api/instances/${app.id}/terminals`)).items;

/** What stands on the screen, line by line. */
async function screen(): Promise<string> {
  const rows = await page.locator(".xterm-rows > div").allInnerTexts();
  return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
}

async function shows(what: string | RegExp): Promise<string> {
  let seen = "";
  const look = async () => {
    seen = await screen();
    return typeof what === "string" ? seen.includes(what) && what : what.exec(seen)?.[1];
  };
  return (await until(`the terminal shows ${String(what)}`, look, { limitMs: 20_000, seen: () => seen })).value;
}

async function type(line: string): Promise<void> {
  await input().focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

async function openTerminal(): Promise<void> {
  await page.goto(`${house.url}/?instance=${app.id}`);
  await page.getByRole("tab", { name: "Terminal" }).click();
  await input().waitFor({ state: "attached" });
}

test("[TM1] a person types into a shell in the instance's folder, in its app's environment", async () => {
  await openTerminal();
  await type("echo at-$PWD-$WEBUI_PORT-$((40+2))");
  await shows(`instances/hello-${app.port}-42`);
  await type("env | grep -ciE 'roundhouse_|_key=|_token=|secret'; echo end-$?");
  await shows("end-1");
  await type("printf '\\033[48;2;10;20;30mfree-%s\\033[0m\\n' colour");
  await shows("free-colour");
  const colour = page.locator(".xterm-rows span", { hasText: /^free-colour$/ });
  expect(await colour.evaluate((span) => getComputedStyle(span).backgroundColor)).toBe("rgb(10, 20, 30)");
});

test("[TM5] the shell has the size of the screen, and follows it", async () => {
  await type("clear; stty size");
  const [rows = 0, cols = 0] = (await shows(/^(\d+ \d+)$/m)).split(" ").map(Number);
  await page.setViewportSize({ width: 900, height: 700 });
  await type("clear; stty size; echo again-$((1+1))");
  await shows("again-2");
  const [, fewer = 0] = (await shows(/^(\d+ \d+)$/m)).split(" ").map(Number);
  expect(fewer).toBeGreaterThan(20);
  expect(fewer).toBeLessThan(cols);
  expect(rows).toBeGreaterThan(3);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("[TM3] it is there after a reload of the page, with what it printed and what runs in it", async () => {
  await type("clear; sleep 5000 & echo job-$!");
  const pid = Number(await shows(/job-(\d+)/));
  await page.reload();
  await openTerminal();
  await shows(`job-${pid}`);
  expect(isAlive(pid)).toBe(true);
  await type("clear; jobs");
  await shows("Running");
});

test("[TM3] it survives a cut of the link, and shows what was printed meanwhile once", async () => {
  await type("clear; echo begun-$((1+1)); sleep 3; for i in 1 2 3; do echo meanwhile-$i; done; echo over-$((1+1))");
  // What is typed while the link breaks is lost (TM4): the command has begun before.
  await shows("begun-2");
  const { links } = proxy;
  await proxy.cut({ direction: "toControl", afterFrames: 0, isInside: true, how: "reset" });
  await page.getByText("Reconnecting").waitFor();
  await until("the link is back", () => proxy.links > links, { limitMs: 20_000 });
  await shows("over-2");
  const lines = (await screen()).split("\n");
  expect(lines.filter((line) => /^meanwhile-\d$/.test(line))).toEqual(["meanwhile-1", "meanwhile-2", "meanwhile-3"]);
});

test("[TM5] several people see the same", async () => {
  const other = await browser.context.newPage();
  await other.goto(`${house.url}/?instance=${app.id}`);
  await other.getByRole("tab", { name: "Terminal" }).click();
  await type("clear; echo both-$((20+2))");
  await expect
    .poll(async () => (await other.locator(".xterm-rows").innerText()).replaceAll("\u00a0", " "), { timeout: 20_000 })
    .toContain("both-22");
  expect((await terminals())[0]?.watchers).toBe(2);
  await other.close();
});

test("[TM7] what is printed cannot act: no clipboard, no title, no link, and a replay is not answered", async () => {
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  const title = await page.title();
  const evil = String.raw`\033]52;c;ZXZpbA==\007\033]0;evil\007\033]2;evil\007\033]8;;javascript:alert(1)\007link\033]8;;\007`;
  const questions = String.raw`\033[c\033[>c\033[5n\033[6n\033[?6n\033]10;?\007\033]11;?\007\033]4;1;?\007\033P$qm\033\\\033[?2004$p`;
  // What is answered while it is asked goes to the program that asked.
  const read = 'stty -echo; printf "$EVIL"; read -t 2 -n 30 -s answers; sleep 1; read -t 1 -s -n 9999; stty echo';
  await type(`EVIL='${evil}${questions}'; clear; ${read}; echo; echo answered-\${#answers}; echo shown-$((1+1))`);
  await shows("shown-2");
  expect(Number(await shows(/answered-(\d+)/))).toBe(30);
  await page.reload();
  await openTerminal();
  await shows("shown-2");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await type("echo clean-$((1+1))");
  await shows("clean-2");
  const seen = await screen();
  expect(seen).not.toMatch(/rgb:|\[\?1;2c|;1R/);
  expect(seen.split("\n").find((line) => line.includes("clean-$"))).toMatch(/[$#] echo clean-/);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
  expect(await page.title()).toBe(title);
  expect(await page.locator(".xterm a").count()).toBe(0);
});

test("a flood of output leaves the page and the node at work, and Ctrl+C ends it", async () => {
  await type("clear; yes flooding");
  await shows("flooding");
  const begin = performance.now();
  await house.api.log(app.id);
  expect(performance.now() - begin).toBeLessThan(3_000);
  await input().focus();
  await page.keyboard.press("Control+c");
  await type("clear; echo dry-$((1+1))");
  await shows("dry-2");
});

test("the keyboard leaves the terminal, and opens it", async () => {
  await input().focus();
  await page.keyboard.press("Control+Shift+ArrowUp");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
    .toBe("Shown terminal");
});

test("[TM9] closed for good it ends with all it started, also what ignores SIGHUP", async () => {
  await type(`clear; bash -c 'trap "" HUP TERM; echo stubborn-$$; while :; do sleep 1; done' &`);
  const pid = Number(await shows(/stubborn-(\d+)/));
  expect(isAlive(pid)).toBe(true);
  await page.getByRole("button", { name: "Close main for good" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alert").getByText(/ended/).waitFor();
  await until("its processes are gone", () => !isAlive(pid));
  await expect.poll(terminals).toEqual([]);
  await page.getByRole("button", { name: "Open a new one" }).click();
  await type("echo fresh-$((1+1))");
  await shows("fresh-2");
});

test("a node that is offline is named, and the terminal opens when it is back", async () => {
  proxy.isUnplugged = true;
  proxy.silence("toControl", "toAgent");
  await agent.untilStatus("offline", 20_000);
  await page.reload();
  await page.getByRole("tab", { name: "Terminal" }).click();
  await page.getByRole("heading", { name: "far away is offline" }).waitFor();
  proxy.heal();
  await agent.untilStatus("online", 60_000);
  await shows("fresh-2");
});

test("it ends with its instance", async () => {
  await type("clear; sleep 6000 & echo job-$!");
  const pid = Number(await shows(/job-(\d+)/));
  await house.api.remove(app.id);
  expect(isAlive(pid)).toBe(false);
});

test("the page met nothing that its policy refuses", () => {
  expect(complaints.filter((text) => /Content.Security.Policy/i.test(text))).toEqual([]);
});
