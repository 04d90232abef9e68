/** Two hostile apps and the dashboard in one browser: none reads another's cookies or acts on another. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { NewApiKey } from "@roundhouse/protocol/api/person";
import { Api } from "./api.ts";
import { attackFrom, type Outcome } from "./attacks.ts";
import { RECORDER } from "./blueprints.ts";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";
import { type Answer, ask, openSocket } from "./http.ts";
import { isLoopback, listeningOf } from "./processes.ts";
import { measured, until } from "./until.ts";

type Seen = { method: string; path: string; origin: string | null; cookie: string; mode: string | null };

let house: House;
let browser: Browser;
let dashboard: Page;
let alpha: Instance;
let beta: Instance;
/** The apps' pages in their own tabs, at their own URLs. */
let alphaPage: Page;
let betaPage: Page;

beforeAll(async () => {
  house = await openHouse();
  await house.api.addBlueprint("recorder", RECORDER);
  [alpha, beta] = await Promise.all([
    house.api.install({ name: "alpha", blueprint: "recorder" }),
    house.api.install({ name: "beta", blueprint: "recorder" }),
  ]);
  browser = await openBrowser();
  dashboard = browser.page;
  await signIn(dashboard, house);
  alphaPage = await openApp(alpha);
  betaPage = await openApp(beta);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

async function openApp(instance: Instance): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`${house.url}/open/${instance.id}`);
  await page.getByRole("heading", { name: "Recorder" }).waitFor();
  expect(new URL(page.url()).origin).toBe(instance.url.replace(/\/$/, ""));
  return page;
}

/** What an app has been sent so far; asked at its own port, past everything of ours. */
async function seenBy(instance: Instance): Promise<Seen[]> {
  return JSON.parse((await ask({ port: instance.port ?? 0, path: "/seen" })).text) as Seen[];
}

function atApp(instance: Instance, headers: Record<string, string>, path = "/seen"): Promise<Answer> {
  return ask({ port: house.port, host: new URL(instance.url).hostname, path, headers });
}

/** The attempts from which a page learned something. */
const readable = (outcomes: Outcome[]) => outcomes.filter(({ result }) => result.startsWith("read"));

describe("without a grant", () => {
  test("an app URL shows a person the way to the dashboard, and a program an error", async () => {
    const person = await atApp(alpha, { Accept: "text/html", "Sec-Fetch-Mode": "navigate" }, "/");
    expect(person.status).toBe(303);
    expect(person.headers.location).toBe(`${house.url}/open/${alpha.id}`);
    const program = await atApp(alpha, {});
    expect(program.status).toBe(401);
    expect(person.text + program.text).not.toMatch(/recorder|\[/i);
    await expect(openSocketTo(alpha, {})).rejects.toThrow("refused with 401");
  });

  test("a grant of one app opens no other", async () => {
    const grant = await house.api.grantFor(alpha.id);
    expect((await atApp(alpha, { Cookie: grant })).status).toBe(200);
    expect((await atApp(beta, { Cookie: grant })).status).toBe(401);
    await expect(openSocketTo(beta, { Cookie: grant })).rejects.toThrow("refused with 401");
  });

  test("a ticket opens once", async () => {
    const { hostname, pathname, search } = new URL(await house.api.open(alpha.id));
    const use = () => ask({ port: house.port, host: hostname, path: pathname + search });
    expect((await use()).status).toBe(303);
    const again = await use();
    expect(again.status).toBe(401);
    expect(again.headers["set-cookie"]).toBeUndefined();
  });

  test("a host that is nobody's is refused", async () => {
    expect((await ask({ port: house.port, host: "nobody.apps.localhost" })).status).toBe(421);
    expect((await ask({ port: house.port, host: "rebound.example.com", path: "/api/nodes" })).status).toBe(421);
  });
});

describe("cookies", () => {
  test("an app's page and server see its own cookies only", async () => {
    await alphaPage.evaluate(() => void (document.cookie = "page=of-alpha"));
    await alphaPage.reload();
    await betaPage.reload();
    expect(await alphaPage.evaluate(() => document.cookie)).toContain("page=of-alpha");
    expect(await betaPage.evaluate(() => document.cookie)).toBe(`server=of-${beta.port}`);
    expect((await seenBy(alpha)).at(-1)?.cookie).toContain("page=of-alpha");
    expect((await seenBy(beta)).at(-1)?.cookie).toBe(`server=of-${beta.port}`);
  });

  test("no app's server ever gets a cookie of ours", async () => {
    const cookies = [...(await seenBy(alpha)), ...(await seenBy(beta))].map(({ cookie }) => cookie);
    expect(cookies.length).toBeGreaterThan(2);
    expect(cookies.join("\n")).not.toMatch(/roundhouse/i);
    expect(await dashboard.evaluate(() => document.cookie)).toBe("");
  });

  test("an app cannot put a grant of its own making on another app", async () => {
    await alphaPage.evaluate(() => {
      document.cookie = "__Host-roundhouse-grant=stolen; Path=/; Secure; Domain=apps.localhost";
      document.cookie = "__Host-roundhouse-grant=stolen; Path=/; Secure";
    });
    await betaPage.reload();
    await betaPage.getByRole("heading", { name: "Recorder" }).waitFor();
  });
});

describe("an app's page", () => {
  beforeEach(async () => {
    await alphaPage.goto(alpha.url);
    await alphaPage.getByRole("heading", { name: "Recorder" }).waitFor();
  });

  test("reaches its own app", async () => {
    const own = { http: `${alpha.url.replace(/\/$/, "")}/own`, socket: alpha.url.replace("http", "ws") };
    expect(readable(await attackFrom(alphaPage, own)).map(({ attack }) => attack)).toContain("socket");
    expect((await seenBy(alpha)).map(({ method }) => method)).toContain("DELETE");
  });

  test("neither reads nor reaches another app", async () => {
    const before = await seenBy(beta);
    const target = { http: `${beta.url.replace(/\/$/, "")}/attacked`, socket: beta.url.replace("http", "ws") };
    expect(readable(await attackFrom(alphaPage, target))).toEqual([]);
    expect(await seenBy(beta)).toEqual(before);
  });

  test("cannot show another app or the dashboard in a frame", async () => {
    for (const url of [beta.url, house.url]) {
      const shown = await alphaPage.evaluate(async (src) => {
        const frame = document.createElement("iframe");
        const loaded = new Promise((resolve) => (frame.onload = resolve));
        frame.src = src;
        document.body.append(frame);
        await loaded;
        return frame.contentDocument?.body.innerText ?? null;
      }, url);
      expect(shown).toBeNull();
      // The browser tells the test where a frame is a moment after it told the page that the frame has loaded.
      const at = () => alphaPage.frames().at(-1)?.url();
      await until(`${url} in a frame is refused`, () => at() === "chrome-error://chromewebdata/", {
        seen: () => at() ?? "",
      });
    }
  });

  test("cannot read or use the dashboard's API", async () => {
    await attackApi(alphaPage);
  });
});

describe("an app's raw port, which shares the dashboard's cookies", () => {
  let raw: Page;
  beforeAll(async () => {
    raw = await browser.context.newPage();
    await raw.goto(`http://localhost:${alpha.port}/`);
  });

  test("cannot read or use the dashboard's API", async () => {
    await attackApi(raw);
  });

  test("neither reads nor reaches another app at its URL", async () => {
    const before = await seenBy(beta);
    const target = { http: `${beta.url.replace(/\/$/, "")}/attacked`, socket: beta.url.replace("http", "ws") };
    expect(readable(await attackFrom(raw, target))).toEqual([]);
    expect(await seenBy(beta)).toEqual(before);
  });

  test("gets the session's cookie, which alone opens nothing", async () => {
    const cookie = (await seenBy(alpha)).at(-1)?.cookie ?? "";
    expect(cookie).toContain("roundhouse_session=");
    expect(await raw.evaluate(() => document.cookie)).not.toContain("roundhouse");
    const origin = house.url;
    for (const headers of [{ Cookie: cookie }, { Cookie: cookie, Origin: origin, "Sec-Fetch-Site": "same-origin" }]) {
      expect((await ask({ port: house.port, path: "/api/instances", headers })).status).toBe(401);
      const stop = { port: house.port, method: "POST", path: `/api/instances/${beta.id}/stop`, headers };
      expect((await ask(stop)).status).toBe(401);
      await expect(openSocket({ port: house.port, path: "/api/events", headers })).rejects.toThrow("refused with 401");
    }
  });
});

test("nothing listens but the control plane and the apps, all on loopback", async () => {
  const processes = house.processes();
  const sockets = listeningOf(processes);
  const commandOf = (pid: number) => processes.find((one) => one.pid === pid)?.command ?? "";
  expect(sockets.filter(({ address }) => !isLoopback(address))).toEqual([]);
  const others = sockets.filter(({ pid, port }) => {
    return port !== alpha.port && port !== beta.port && !/workerd serve|local\/start\.ts/.test(commandOf(pid));
  });
  expect(others).toEqual([]);
  expect(sockets.map(({ port }) => port)).toEqual(expect.arrayContaining([house.port, alpha.port, beta.port]));
});

describe("what is revoked", () => {
  test("deleting an API key closes the app's sockets that were opened through it", async () => {
    const key = await house.api.post<NewApiKey>("/api/keys", { name: "visitor", role: "operator" });
    const grant = await new Api(house.port, key.key).grantFor(alpha.id);
    const socket = await openSocketTo(alpha, { Cookie: grant });
    await house.api.delete(`/api/keys/${key.id}`);
    await untilClosing("API key deleted", () => socket.readyState !== socket.OPEN);
    socket.terminate();
    expect((await atApp(alpha, { Cookie: grant })).status).toBe(401);
  });

  test("signing out closes the app's sockets in the browser", async () => {
    await alphaPage.goto(alpha.url);
    const socket = await alphaPage.evaluateHandle(async () => {
      const opened = new WebSocket(location.href.replace("http", "ws"));
      await new Promise((resolve) => opened.addEventListener("open", resolve));
      return opened;
    });
    await dashboard.getByRole("button", { name: "Sign out" }).click();
    await untilClosing("signed out", () => socket.evaluate(({ readyState }) => readyState !== WebSocket.OPEN));
  });

  test("deleting an instance closes its sockets", async () => {
    const socket = await openSocketTo(beta, { Cookie: await house.api.grantFor(beta.id) });
    await house.api.delete(`/api/instances/${beta.id}`, { mode: "permanent" });
    await untilClosing("instance deleted", () => socket.readyState !== socket.OPEN);
    socket.terminate();
  });
});

function openSocketTo(instance: Instance, headers: Record<string, string>) {
  const { hostname, origin } = new URL(instance.url);
  return openSocket({ port: house.port, host: hostname, headers: { Origin: origin, ...headers } });
}

/** Everything a page can try against the API; afterwards the other app must still run, and nothing be new. */
async function attackApi(page: Page): Promise<void> {
  const before = (await house.api.instances()).map(({ id, desired, generation }) => ({ id, desired, generation }));
  const socket = `${house.url.replace("http", "ws")}/api/events`;
  for (const path of [
    `/api/instances/${beta.id}/stop`,
    `/api/instances/${beta.id}`,
    "/api/instances",
    "/api/session",
  ]) {
    expect(readable(await attackFrom(page, { http: house.url + path, socket }))).toEqual([]);
  }
  expect((await house.api.instances()).map(({ id, desired, generation }) => ({ id, desired, generation }))).toEqual(
    before,
  );
}

/** The other side's close frame has come: from then on no message passes. */
async function untilClosing(what: string, isClosing: () => boolean | Promise<boolean>): Promise<void> {
  measured(`${what} → socket closed`, (await until("the socket closes", isClosing, { limitMs: 5_000 })).tookMs);
}
