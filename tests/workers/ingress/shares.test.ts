/** Share links: an app for whoever has the link, until it expires, is revoked, or its reason is gone. */
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NewShare, Share } from "@roundhouse/protocol/api/share";
import { newId, newSecret } from "@roundhouse/protocol/ids";
import { openShare } from "../../../workers/services/share/open.ts";
import type { Env } from "../../../workers/env.ts";
import { connect, factsOf, observedOf } from "../objects/fake-agent.ts";
import {
  api,
  env,
  eventually,
  hibernate,
  hubOf,
  makeApp,
  makeInstance,
  makeNode,
  migrate,
  originOf,
  type TestApp,
} from "../objects/harness.ts";
import { ORIGIN, worker } from "../objects/worker.ts";
import { callHeaders, Feed, holdAppOpen, signInAs, type TestSession } from "../sockets/client.ts";

const NAVIGATE = { "Sec-Fetch-Mode": "navigate", Accept: "text/html" };
let app: TestApp;
beforeAll(migrate);
beforeEach(async () => {
  app = await makeApp();
});

const share = (body: unknown = {}, { id } = app.instance) => api<NewShare>("POST", `/api/instances/${id}/shares`, body);
const sharesOf = async ({ id } = app.instance) =>
  (await api<{ items: Share[] }>("GET", `/api/instances/${id}/shares`)).items;
const follow = (url: string, init: RequestInit = {}) => worker.fetch(url, { redirect: "manual", ...init });

/** A visitor's browser after the link was followed. */
async function visit(url: string) {
  const landed = await follow(url);
  const cookies = landed.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  const Cookie = cookies.join("; ");
  const { origin } = new URL(url);
  return {
    landed,
    Cookie,
    fetch: (path: string, headers: Record<string, string> = {}) =>
      worker.fetch(origin + path, { redirect: "manual", headers: { Cookie, ...headers } }),
  };
}
type Visitor = Awaited<ReturnType<typeof visit>>;
const holdOpen = (visitor: Visitor) => holdAppOpen(app, visitor.fetch);

/** Everything of the share is over: what was open, the grant, and the link. */
async function expectOver(url: string, visitor: Visitor, open?: Awaited<ReturnType<typeof holdOpen>>) {
  if (open) {
    expect(await open.ended).toEqual([1008, "broken off"]);
    for (const stream of open.streams) {
      expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
    }
  }
  expect((await visitor.fetch("/")).status).toBe(401);
  for (const page of [await visitor.fetch("/", NAVIGATE), await follow(url)]) {
    expect([page.status, page.headers.get("referrer-policy")]).toEqual([410, "no-referrer"]);
    expect(await page.text()).toContain("This share has ended");
  }
}

describe("the link of a share", () => {
  it("[AC9] opens the app without an account, as often as it is followed", async () => {
    const { url } = await share({ name: "for Ann", path: "/lab?x=1" });
    expect(url).toMatch(/^http:\/\/app-[a-z0-9-]+\.apps\.localhost:8787\/__roundhouse\/share\?key=rhs_[\w-]{43}$/);
    for (let time = 0; time < 3; time += 1) {
      const visitor = await visit(url);
      expect([visitor.landed.status, visitor.landed.headers.get("location")]).toEqual([303, "/lab?x=1"]);
      expect(visitor.landed.headers.get("cache-control")).toBe("no-store");
      expect(visitor.landed.headers.get("referrer-policy")).toBe("no-referrer");
      const answer = visitor.fetch("/lab");
      const { stream, head } = await app.agent.nextFrame("open");
      expect(JSON.stringify(head)).not.toMatch(/rhg_|rhs_|__Host-/);
      app.agent.reply(stream, 200, [], "the app");
      expect(await (await answer).text()).toBe("the app");
    }
    expect(await sharesOf()).toMatchObject([
      { name: "for Ann", createdBy: "preset key", lastUsedAt: expect.any(String) },
    ]);
  });

  it("[AC9] leaves one grant in the hub however many follow it, and no secret anywhere", async () => {
    const { url } = await share();
    await Promise.all(Array.from({ length: 10 }, () => visit(url)));
    const rows = await runInDurableObject(hubOf(app.node), (_hub, { storage }) =>
      storage.sql.exec(`SELECT * FROM grants WHERE share_id IS NOT NULL`).toArray(),
    );
    expect(rows).toHaveLength(1);
    const key = new URL(url).searchParams.get("key") ?? "";
    const { results } = await env.DB.prepare("SELECT * FROM shares").all();
    expect(JSON.stringify([rows, results, await sharesOf()])).not.toContain(key.slice(4));
  });

  it("[AC9] gives a cookie that lives no longer than the share", async () => {
    const { url } = await share({ expiresInSeconds: 600 });
    const [grant] = (await visit(url)).landed.headers.getSetCookie();
    const seconds = Number(/__Host-roundhouse-grant=.*Max-Age=(\d+)$/.exec(grant ?? "")?.[1]);
    expect(seconds).toBeLessThanOrEqual(600);
    expect(seconds).toBeGreaterThan(500);
  });

  it("[AC9] is opened by nothing but a GET, and those who only look use nothing up", async () => {
    const { url } = await share();
    for (const method of ["HEAD", "POST", "OPTIONS"]) expect((await follow(url, { method })).status).toBe(405);
    expect(await sharesOf()).toMatchObject([{ lastUsedAt: null }]);
    expect((await follow(url)).status).toBe(303);
  });

  it("[AC9] that is wrong, or another app's, opens nothing and touches no hub", async () => {
    const { url } = await share();
    const elsewhere = await makeInstance(app.node);
    const wrong = [
      url.replace(/key=.*/, ""),
      url.replace(/key=.*/, "key=rhs_short"),
      url.replace(/key=.*/, `key=${newSecret("share")}`),
      url.replace(app.origin, originOf(elsewhere)),
      url.replace("rhs_", "rhg_"),
    ];
    for (const link of wrong) {
      const page = await follow(link);
      expect([link, page.status, page.headers.getSetCookie()]).toEqual([link, 410, []]);
    }
  });

  it("[AC7] clears what another instance left under the slug", async () => {
    const { url } = await share();
    const stale = `__Host-roundhouse-instance=${newId("instance")}; left=over`;
    const landed = await follow(url, { headers: { Cookie: stale } });
    expect(landed.headers.get("clear-site-data")).toBe('"storage"');
    const again = await follow(url, { headers: { Cookie: (await visit(url)).Cookie } });
    expect(again.headers.get("clear-site-data")).toBeNull();
  });

  it("[AC9] of an app that is not running shows the live page, without the log", async () => {
    const node = await makeNode();
    const instance = await makeInstance(node);
    const starting = observedOf(instance.id, { status: "starting", lastLines: ["token=secret"] });
    await connect(node.key, { instances: [starting] });
    const visitor = await visit((await share({}, instance)).url);
    const page = await visitor.fetch("/", NAVIGATE);
    expect([page.status, await page.text()]).toEqual([503, expect.stringContaining("/__roundhouse/status")]);
    const status = await visitor.fetch("/__roundhouse/status");
    expect(await status.json()).toMatchObject({ status: "starting", lastLines: null });
  });

  it("[AC9] is not what a person with an account goes on with", async () => {
    const visitor = await visit((await share()).url);
    const { url } = await api<{ url: string }>("POST", `/api/instances/${app.instance.id}/open`);
    const opened = await follow(url, { headers: { Cookie: visitor.Cookie } });
    expect(opened.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(/^__Host-roundhouse-visitor=;.*Max-Age=0$/),
    );
  });
});

describe("the end of a share", () => {
  it("[AC10] by its time closes what it holds open, also after hibernation", async () => {
    const { url, id } = await share({ expiresInSeconds: 60 });
    const soon = Date.now() + 4_000;
    await env.DB.prepare("UPDATE shares SET expires_at = ? WHERE id = ?").bind(soon, id).run();
    const visitor = await visit(url);
    const upgrade = visitor.fetch("/ws", { Upgrade: "websocket", Origin: app.origin });
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 101, headers: [] } });
    const socket = new Feed(await upgrade);
    await hibernate(app.node);
    expect(await socket.closed).toBe(1008);
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
    await expectOver(url, visitor);
    expect(await sharesOf()).toEqual([]);
  });

  it("[AC10] by its time ends a response that is still coming", async () => {
    const { url, id } = await share({ expiresInSeconds: 60 });
    await env.DB.prepare("UPDATE shares SET expires_at = ? WHERE id = ?")
      .bind(Date.now() + 4_000, id)
      .run();
    const visitor = await visit(url);
    await expectOver(url, visitor, await holdOpen(visitor));
  });

  it("[AC10] by revocation ends what it holds open, and nothing of another share", async () => {
    const [mine, theirs] = [await share(), await share()];
    const [visitor, other] = [await visit(mine.url), await visit(theirs.url)];
    const [open, kept] = [await holdOpen(visitor), await holdOpen(other)];
    await api("DELETE", `/api/shares/${mine.id}`);
    await expectOver(mine.url, visitor, open);
    expect(kept.socket.socket.readyState).toBe(WebSocket.OPEN);
    expect((await sharesOf()).map(({ id }) => id)).toEqual([theirs.id]);
    await expect(api("DELETE", `/api/shares/${mine.id}`)).rejects.toThrow("404");
  });

  it("[AC10] by revocation wins against a visitor who is just coming in", async () => {
    const { url, id } = await share();
    const key = new URL(url).searchParams.get("key") ?? "";
    const slow = {
      ...env,
      NODE_HUB: {
        getByName: () => ({
          admitShare: async (input: never) => {
            await api("DELETE", `/api/shares/${id}`);
            await hubOf(app.node).admitShare(input);
          },
          revoke: (selector: never) => hubOf(app.node).revoke(selector),
        }),
      },
    } as unknown as Env;
    expect(
      await openShare(slow, { label: app.instance.slug, slug: app.instance.slug, port: null }, key),
    ).toBeUndefined();
    const left = await runInDurableObject(hubOf(app.node), (_hub, { storage }) =>
      storage.sql.exec(`SELECT * FROM grants WHERE share_id = ?`, id).toArray(),
    );
    expect(left).toEqual([]);
  });

  it("[AC10] comes with its instance's, and with its node's", async () => {
    const { url } = await share();
    const open = await holdOpen(await visit(url));
    await api("DELETE", `/api/instances/${app.instance.id}`, { mode: "trash" });
    expect(await open.ended).toEqual([1008, "broken off"]);
    expect((await follow(url)).status).toBe(410);

    app = await makeApp();
    const second = await share();
    const held = await holdOpen(await visit(second.url));
    await api("DELETE", `/api/nodes/${app.node.id}`);
    expect(await held.ended).toEqual([1012, "broken off"]);
    expect((await follow(second.url)).status).toBe(410);
  });

  it("[AC10] comes with its maker's demotion below operator, and with their removal", async () => {
    const ends: ((maker: TestSession) => Promise<unknown>)[] = [
      ({ userId }) => api("PATCH", `/api/users/${userId}`, { role: "viewer" }),
      ({ userId }) => api("DELETE", `/api/users/${userId}`),
    ];
    // A pool keeps its last admin.
    await signInAs("admin");
    for (const end of ends) {
      const maker = await signInAs("admin");
      const made = await shareAs(callHeaders(maker));
      await api("PATCH", `/api/users/${maker.userId}`, { role: "operator" });
      const visitor = await visit(made.url);
      const open = await holdOpen(visitor);
      await end(maker);
      await expectOver(made.url, visitor, open);
      expect(await sharesOf()).toEqual([]);
    }
  });

  it("[AC10] comes with the key it was made with, and not with the session", async () => {
    const maker = await signInAs("operator");
    const byHand = await shareAs(callHeaders(maker));
    const made = await api<{ id: string; key: string }>("POST", "/api/keys", { name: "k", expiresInSeconds: 3600 });
    const byKey = await shareAs({ Authorization: `Bearer ${made.key}` });
    expect(Date.parse(byKey.expiresAt)).toBeLessThanOrEqual(Date.now() + 3600_000);
    const visitor = await visit(byKey.url);
    const open = await holdOpen(visitor);
    await api("DELETE", `/api/keys/${made.id}`);
    await expectOver(byKey.url, visitor, open);
    await worker.fetch(`${ORIGIN}/api/session`, { method: "DELETE", headers: callHeaders(maker) });
    expect((await follow(byHand.url)).status).toBe(303);
  });

  it("[AC8] [AC10] comes while app URLs of its node are not confirmed", async () => {
    const { url } = await share();
    const visitor = await visit(url);
    const open = await holdOpen(visitor);
    const facts = { ...factsOf("machine-1"), platform: "colab", hosting: COLAB };
    const again = await connect(app.node.key, { facts, instances: [observedOf(app.instance.id)] });
    expect(await open.socket.closed).toBeGreaterThan(1000);
    await eventually(async () => expect((await visitor.fetch("/")).status).toBe(401));
    expect((await follow(url)).status).toBe(410);
    await expect(share()).rejects.toThrow("apps_not_confirmed");
    await api("PATCH", `/api/nodes/${app.node.id}`, { appUrlsConfirmed: true });
    expect((await follow(url)).status).toBe(303);
    again.socket.close(1000);
  });
});

it("finds its place in a hub whose tables were made before there were shares", async () => {
  await runInDurableObject(hubOf(app.node), (_hub, { storage }) => {
    storage.sql.exec(`ALTER TABLE grants DROP COLUMN share_id`);
    storage.sql.exec(`ALTER TABLE tickets DROP COLUMN holder_expires_at`);
  });
  await hibernate(app.node);
  expect((await follow((await share()).url)).status).toBe(303);
});

async function shareAs(headers: Record<string, string>): Promise<NewShare> {
  const made = await worker.fetch(`${ORIGIN}/api/instances/${app.instance.id}/shares`, { method: "POST", headers });
  expect(made.status).toBe(201);
  return made.json<NewShare>();
}

const COLAB = {
  detectedBy: "environment" as const,
  evidence: "COLAB_RELEASE_TAG",
  root: true,
  container: true,
  inboundPorts: "none" as const,
  persistentRoot: null,
  survivesStop: "nothing" as const,
  idleLimitMinutes: 90,
  timeLimitHours: 12,
  apps: { policy: "confirm" as const, rule: "the rule" },
  mode: { mode: "full" as const },
};
