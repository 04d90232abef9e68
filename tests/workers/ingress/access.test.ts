import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { newId, newSecret } from "@roundhouse/protocol/ids";
import {
  api,
  env,
  eventually,
  hubOf,
  makeApp,
  makeInstance,
  makeNode,
  migrate,
  openApp,
  originOf,
  type TestApp,
} from "../objects/harness.ts";
import { worker } from "../objects/worker.ts";

let app: TestApp;
beforeAll(async () => {
  await migrate();
  app = await makeApp();
});

const NAVIGATE = { "Sec-Fetch-Mode": "navigate", Accept: "text/html" };
const anonymous = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  worker.fetch(app.origin + path, { redirect: "manual", ...init, headers });

async function ticketUrl(instance = app.instance): Promise<string> {
  return (await api<{ url: string }>("POST", `/api/instances/${instance.id}/open`)).url;
}

/** Answers the next request at the app and says what it looked like there. */
async function atApp(answer: Promise<Response>, headers: [string, string][] = []) {
  const { stream, head } = await app.agent.nextFrame("open");
  app.agent.reply(stream, 200, headers, "the app");
  return { response: await answer, head };
}

describe("hosts", () => {
  it("[AC1] answers any host that is neither the dashboard's nor an app's with 421", async () => {
    for (const host of ["evil.example", "apps.localhost:8787", "a.b.apps.localhost:8787", "-x.apps.localhost:8787"]) {
      const response = await worker.fetch(`http://${host}/`);
      expect([host, response.status]).toEqual([host, 421]);
      expect(await response.json()).toMatchObject({ error: { code: "unknown_host" } });
    }
  });

  it("[AC1] answers a slug that nobody has with 421, to people in words", async () => {
    const url = "http://nobody-here.apps.localhost:8787/";
    expect((await worker.fetch(url)).status).toBe(421);
    const page = await worker.fetch(url, { headers: NAVIGATE });
    expect([page.status, page.headers.get("content-type")]).toEqual([421, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("nobody-here");
  });

  it("[AC1] gives every path of an app's host to the app, also those that mean something on the dashboard", async () => {
    for (const path of [
      "/link",
      "/api/nodes",
      "/health",
      "/metrics",
      "/assets/index.js",
      "/ticket",
      "/agent/stats",
      "/__roundhouse",
    ]) {
      expect((await anonymous(path)).status).toBe(401);
      const { response, head } = await atApp(app.fetch(path));
      expect(head.path).toBe(path);
      expect(await response.text()).toBe("the app");
      expect(response.headers.get("content-security-policy")).not.toContain("default-src");
    }
  });

  it("[AC4] keeps the paths below /__roundhouse/ for us", async () => {
    const status = await app.fetch("/__roundhouse/status");
    expect(await status.json()).toMatchObject({ status: "started", lastLines: [] });
    expect((await app.fetch("/__roundhouse/anything")).status).toBe(404);
    expect((await anonymous("/__roundhouse/status")).status).toBe(401);
    expect(app.agent.frames("open", 0)).toEqual([]);
  });
});

describe("tickets", () => {
  it("[AC2] are swapped for a cookie with a 303, once", async () => {
    const url = await ticketUrl();
    const first = await worker.fetch(url, { redirect: "manual" });
    expect([first.status, first.headers.get("location")]).toEqual([303, "/"]);
    const [grant] = first.headers.getSetCookie();
    expect(grant).toMatch(
      /^__Host-roundhouse-grant=nd_\w+\.rhg_[\w-]+; Path=\/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=\d+$/,
    );
    expect(first.headers.get("cache-control")).toBe("no-store");
    const second = await worker.fetch(url, { redirect: "manual" });
    expect([second.status, second.headers.getSetCookie()]).toEqual([401, []]);
    expect(second.headers.get("content-type")).toContain("text/html");
  });

  it("[AC2] lead a browser that another site sent on from a page of the app's own origin", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const swapped = await worker.fetch(await ticketUrl(), { headers: { ...NAVIGATE, "sec-fetch-site": site } });
      expect([swapped.status, swapped.headers.get("refresh")]).toEqual([200, "0; url=/"]);
      expect(swapped.headers.getSetCookie()[0]).toMatch(/^__Host-roundhouse-grant=/);
      expect(swapped.headers.get("referrer-policy")).toBe("no-referrer");
    }
    const typed = await worker.fetch(await ticketUrl(), {
      headers: { ...NAVIGATE, "sec-fetch-site": "none" },
      redirect: "manual",
    });
    expect(typed.status).toBe(303);
  });

  it("[AC2] work once however many race for them", async () => {
    const url = await ticketUrl();
    const answers = await Promise.all(Array.from({ length: 8 }, () => worker.fetch(url, { redirect: "manual" })));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  it("[AC2] open their own app only, and are not used up by another's address", async () => {
    const other = await makeInstance(app.node);
    const url = await ticketUrl();
    const elsewhere = await worker.fetch(url.replace(app.origin, originOf(other)), { redirect: "manual" });
    expect(elsewhere.status).toBe(401);
    expect((await worker.fetch(url, { redirect: "manual" })).status).toBe(303);
  });

  it("[AC2] are refused after a minute", async () => {
    const url = await ticketUrl();
    await runInDurableObject(hubOf(app.node), (_hub, state) => {
      state.storage.sql.exec("UPDATE tickets SET expires_at = ?", Date.now() - 1);
    });
    expect((await worker.fetch(url, { redirect: "manual" })).status).toBe(401);
  });

  it("[AC2] are not used up by anything but a GET", async () => {
    const url = await ticketUrl();
    for (const method of ["HEAD", "POST", "OPTIONS"]) {
      expect((await worker.fetch(url, { method, redirect: "manual" })).status).toBe(405);
    }
    expect((await worker.fetch(url, { redirect: "manual" })).status).toBe(303);
  });

  it("[AC2] are no grants, and grants are no tickets", async () => {
    const ticket = new URL(await ticketUrl()).searchParams.get("ticket") ?? "";
    const asGrant = await anonymous("/", { Cookie: `__Host-roundhouse-grant=${ticket}` });
    expect(asGrant.status).toBe(401);
    const grant = app.cookie.split(";")[0]?.split("=")[1] ?? "";
    expect((await anonymous(`/__roundhouse/open?ticket=${grant}`)).status).toBe(401);
  });

  it("[AC7] clear what another instance left under the slug, and nothing of the same one", async () => {
    const cookie = `${app.cookie}; left=over; __Host-app=1`;
    const same = await worker.fetch(await ticketUrl(), { headers: { Cookie: cookie }, redirect: "manual" });
    expect(same.headers.get("clear-site-data")).toBeNull();
    expect(same.headers.getSetCookie()).toHaveLength(1);
    const stale = cookie.replace(app.instance.id, newId("instance"));
    const other = await worker.fetch(await ticketUrl(), { headers: { Cookie: stale }, redirect: "manual" });
    expect(other.headers.get("clear-site-data")).toBe('"storage"');
    const ended = other.headers.getSetCookie().filter((line) => line.includes("Max-Age=0"));
    expect(new Set(ended.map((line) => line.split("=")[0]))).toEqual(new Set(["left", "__Host-app"]));
    expect(other.headers.getSetCookie()).toContainEqual(
      expect.stringContaining(`__Host-roundhouse-instance=${app.instance.id}`),
    );
  });
});

describe("grants", () => {
  it("[AC3] are needed: a navigation leads to the dashboard, anything else gets 401", async () => {
    const page = await anonymous("/deep/link", NAVIGATE);
    expect([page.status, page.headers.get("location")]).toEqual([303, `http://localhost:8787/open/${app.instance.id}`]);
    const call = await anonymous("/api/data");
    expect(call.status).toBe(401);
    expect(await call.json()).toMatchObject({ error: { code: "app_not_granted", hint: expect.any(String) } });
    const socket = await anonymous("/ws", { Upgrade: "websocket", Origin: app.origin });
    expect([socket.status, socket.webSocket]).toEqual([401, null]);
  });

  it("[AC3] hold for one slug only", async () => {
    const other = await makeInstance(app.node);
    const stolen = await worker.fetch(`${originOf(other)}/`, { headers: { Cookie: app.cookie } });
    expect(stolen.status).toBe(401);
  });

  it("[AC3] end with their time", async () => {
    const mine = await openApp(app.node, app.agent, app.instance);
    await runInDurableObject(hubOf(app.node), (_hub, state) => {
      state.storage.sql.exec(
        "UPDATE grants SET expires_at = ? WHERE rowid = (SELECT max(rowid) FROM grants)",
        Date.now() - 1,
      );
    });
    expect((await mine.fetch("/")).status).toBe(401);
  });

  it("[AC3] that somebody made up touch no object", async () => {
    const before = (await listDurableObjectIds(env.NODE_HUB)).length;
    for (let n = 0; n < 5; n += 1) {
      const madeUp = `${newId("node")}.${newSecret("grant")}`;
      expect((await anonymous("/", { Cookie: `__Host-roundhouse-grant=${madeUp}` })).status).toBe(401);
      const ticket = madeUp.replace("rhg_", "rht_");
      expect((await anonymous(`/__roundhouse/open?ticket=${ticket}`)).status).toBe(401);
    }
    const wrong = ["", "x", `${app.node.id}.`, `${app.node.id}.rhg_short`, `../x.${newSecret("grant")}`];
    for (const value of wrong) {
      expect((await anonymous("/", { Cookie: `__Host-roundhouse-grant=${value}` })).status).toBe(401);
    }
    expect(await listDurableObjectIds(env.NODE_HUB)).toHaveLength(before);
  });

  it("[AC3] cannot be faked by headers of ours that a client sends", async () => {
    const [, secret = ""] = (app.cookie.split(";")[0]?.split("=")[1] ?? "").split(".");
    const fakes = {
      "x-roundhouse-slug": app.instance.slug,
      "x-roundhouse-grant": secret,
      "x-roundhouse-holder": "{}",
      "x-roundhouse-socket": "{}",
      "x-roundhouse-state": "started",
      "x-partykit-props": "e30=",
    };
    expect((await anonymous("/", fakes)).status).toBe(401);
    const other = await makeInstance(app.node);
    const elsewhere = await worker.fetch(`${originOf(other)}/`, { headers: { ...fakes, Cookie: app.cookie } });
    expect(elsewhere.status).toBe(401);
    const { head } = await atApp(app.fetch("/", { headers: fakes }));
    expect(head.headers.filter(([name]) => name.startsWith("x-roundhouse-"))).toEqual([]);
  });
});

describe("an app that is not there", () => {
  it("shows a live page to people and a code to programs, and never the app's port", async () => {
    const node = await makeNode();
    const instance = await makeInstance(node);
    const starting = await openApp(node, app.agent, instance);
    const page = await starting.fetch("/", { headers: NAVIGATE });
    expect([page.status, page.headers.get("cache-control")]).toEqual([503, "no-store"]);
    expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'.*script-src 'sha256-/);
    expect(await page.text()).toContain("/__roundhouse/status");
    const call = await starting.fetch("/api");
    expect([call.status, await call.json()]).toMatchObject([503, { error: { code: "app_unavailable" } }]);
    expect(await (await starting.fetch("/__roundhouse/status")).json()).toMatchObject({ status: "unreachable" });
  });

  it("cannot be claimed by an app that answers with our state header", async () => {
    for (const state of ["no-grant", "not-started", "not-found"]) {
      const { response } = await atApp(app.fetch("/", { headers: NAVIGATE }), [["x-roundhouse-state", state]]);
      expect([response.status, await response.text()]).toEqual([200, "the app"]);
      expect(response.headers.get("x-roundhouse-state")).toBeNull();
      const socket = app.socket("/ws");
      const { stream } = await app.agent.nextFrame("open");
      app.agent.reply(stream, 418, [["X-Roundhouse-State", state]], "the app refuses");
      expect([(await socket).status, await (await socket).text()]).toEqual([418, "the app refuses"]);
    }
  });
});

describe("revocation", () => {
  type Holders = { userId?: string; sessionId?: string; keyId?: string };
  async function opened(holder: Holders) {
    const { slug } = app.instance;
    const input = {
      userId: null,
      sessionId: null,
      keyId: null,
      shareId: null,
      expiresAt: null,
      ...holder,
      instanceId: app.instance.id,
      slug,
      path: "/",
    };
    const ticket = await hubOf(app.node).issueTicket(input);
    const swapped = await anonymous(`/__roundhouse/open?ticket=${ticket}`);
    const Cookie = swapped.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const request = (headers: Record<string, string> = {}) => anonymous("/", { Cookie, ...headers });
    return { request, holder };
  }

  it("[AC6] of a user, session, key or instance ends its grants, tickets, streams and sockets, and no others", async () => {
    const selectors = [
      { by: "user", userId: "u1" },
      { by: "session", sessionId: "s1" },
      { by: "key", keyId: "k1" },
    ] as const;
    for (const selector of selectors) {
      const { by, ...holder } = selector;
      const mine = await opened(holder);
      const theirs = await opened({ userId: "u2", sessionId: "s2", keyId: "k2" });
      const reading = mine.request();
      const open = await app.agent.nextFrame("open");
      app.agent.frame({ type: "head", stream: open.stream, head: { status: 200, headers: [] } });
      const body = (await reading).text();
      const waiting = mine.request();
      const second = await app.agent.nextFrame("open");
      const upgrade = mine.request({ Upgrade: "websocket", Origin: app.origin });
      const third = await app.agent.nextFrame("open");
      app.agent.frame({ type: "head", stream: third.stream, head: { status: 101, headers: [] } });
      const { webSocket } = await upgrade;
      const closed = new Promise<number>((resolve) =>
        webSocket?.addEventListener("close", ({ code }) => resolve(code)),
      );
      webSocket?.accept();
      const asking = mine.request({ Upgrade: "websocket", Origin: app.origin });
      const fourth = await app.agent.nextFrame("open");
      await hubOf(app.node).revoke(selector);
      await expect(body, by).rejects.toThrow();
      expect((await waiting).status, by).toBe(502);
      expect(await closed, by).toBe(1008);
      expect((await asking).webSocket, by).toBeNull();
      for (const { stream } of [open, second, third, fourth]) {
        expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
      }
      expect((await mine.request()).status, by).toBe(401);
      await atApp(theirs.request());
    }
  });

  it("[AC6] comes with the deletion of an instance, also for tickets that are still unused", async () => {
    const doomed = await makeApp();
    const url = await ticketUrl(doomed.instance);
    const answer = doomed.fetch("/");
    await doomed.agent.nextFrame("open");
    await api("DELETE", `/api/instances/${doomed.instance.id}`, { mode: "permanent" });
    expect((await answer).status).toBe(502);
    expect((await worker.fetch(url, { redirect: "manual" })).status).toBe(401);
    expect((await doomed.fetch("/")).status).toBe(421);
  });

  it("[AC6] comes with the removal of a key, through the API", async () => {
    const made = await api<{ id: string; key: string }>("POST", "/api/keys", { name: "k", role: "operator" });
    const opening = await worker.fetch(`http://localhost:8787/api/instances/${app.instance.id}/open`, {
      method: "POST",
      headers: { Authorization: `Bearer ${made.key}` },
    });
    const { url } = await opening.json<{ url: string }>();
    const swapped = await worker.fetch(url, { redirect: "manual" });
    const Cookie = swapped.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const answer = anonymous("/", { Cookie });
    await app.agent.nextFrame("open");
    await api("DELETE", `/api/keys/${made.id}`);
    expect((await answer).status).toBe(502);
    await eventually(async () => expect((await anonymous("/", { Cookie })).status).toBe(401));
  });

  it("[AC6] of a node forgets every grant of its hub", async () => {
    const doomed = await makeApp();
    await doomed.fetch("/__roundhouse/status");
    await api("DELETE", `/api/nodes/${doomed.node.id}`);
    expect((await doomed.fetch("/__roundhouse/status")).status).toBe(421);
    const direct = await hubOf(doomed.node).fetch(`${doomed.origin}/__roundhouse/status`, {
      headers: { Cookie: doomed.cookie },
    });
    expect(direct.headers.get("x-roundhouse-state")).toBe("no-grant");
  });
});
