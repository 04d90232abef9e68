/** The hosts of a renamed app: the former one leads on, and opens nothing by itself. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NewShare } from "@roundhouse/protocol/api/share";
import { api, makeApp, migrate, type TestApp } from "../objects/harness.ts";
import { worker } from "../objects/worker.ts";

const PAGE = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", Accept: "text/html" };
let app: TestApp;
let name: string;
let present: string;
let count = 0;
beforeAll(migrate);
beforeEach(async () => {
  app = await makeApp();
  name = `renamed ${(count += 1)}`;
  present = `http://renamed-${count}.apps.localhost:8787`;
});

const rename = (to = name) => api<{ url: string }>("PATCH", `/api/instances/${app.instance.id}`, { name: to });
const at = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  worker.fetch(app.origin + path, { redirect: "manual", ...init, headers });
const leadsTo = (answer: Response) => [answer.status, answer.headers.get("location")];

describe("the former host of a renamed app", () => {
  it("[AC11] leads a page load on to the present host, path and query kept", async () => {
    expect((await rename()).url).toBe(present);
    const answer = await at("/lab/x%20y?a=1&b=%2F", PAGE);
    expect(leadsTo(answer)).toEqual([308, `${present}/lab/x%20y?a=1&b=%2F`]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(leadsTo(await at("/x", {}, { method: "HEAD" }))).toEqual([308, `${present}/x`]);
  });

  it("[AC11] leads on to the same further port", async () => {
    await rename();
    const host = app.origin.replace(".apps.", "--9999.apps.");
    const answer = await worker.fetch(`${host}/docs`, { redirect: "manual", headers: PAGE });
    expect(leadsTo(answer)).toEqual([308, `${present.replace(".apps.", "--9999.apps.")}/docs`]);
  });

  it("[AC11] sends neither frames, subresources, WebSockets nor changes on", async () => {
    await rename();
    const origin = app.origin;
    const cases: [Record<string, string>, RequestInit, number, string][] = [
      [{ ...PAGE, "Sec-Fetch-Dest": "iframe" }, {}, 410, "app_moved"],
      [{ "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "same-origin" }, {}, 410, "app_moved"],
      [{ "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "cross-site" }, {}, 403, "bad_origin"],
      [{ Origin: origin }, { method: "POST" }, 410, "app_moved"],
      [{ Origin: "https://evil.example" }, { method: "POST" }, 403, "bad_origin"],
      [{ Origin: origin, Upgrade: "websocket" }, {}, 410, "app_moved"],
      [{ Origin: "https://evil.example", Upgrade: "websocket" }, {}, 403, "bad_origin"],
    ];
    for (const [headers, init, status, code] of cases) {
      const answer = await at("/", headers, init);
      expect([headers, answer.status, answer.headers.get("location")]).toEqual([headers, status, null]);
      expect((await answer.json<{ error: { code: string } }>()).error.code).toBe(code);
    }
  });

  it("[AC11] opens nothing with a grant, a ticket or a cached way from before the rename", async () => {
    expect((await app.fetch("/__roundhouse/status")).status).toBe(200);
    const { url } = await api<{ url: string }>("POST", `/api/instances/${app.instance.id}/open`);
    await rename();
    expect(leadsTo(await app.fetch("/", { headers: PAGE }))).toEqual([308, `${present}/`]);
    const [status, to] = leadsTo(await worker.fetch(url, { redirect: "manual" }));
    expect(status).toBe(308);
    expect((await worker.fetch(String(to), { redirect: "manual" })).status).toBe(401);
  });

  it("[AC11] still opens the app for who has a share's link of before", async () => {
    const { url } = await api<NewShare>("POST", `/api/instances/${app.instance.id}/shares`, {});
    await rename();
    const [status, to] = leadsTo(await worker.fetch(url, { redirect: "manual", headers: PAGE }));
    expect(status).toBe(308);
    expect((await worker.fetch(String(to), { redirect: "manual" })).status).toBe(303);
  });

  it("[AC11] is the app's again when it takes its name back, and nobody's when the app is gone", async () => {
    const before = await api<{ name: string }>("GET", `/api/instances/${app.instance.id}`);
    await rename();
    expect((await rename(before.name)).url).toBe(app.origin);
    expect((await at("/", PAGE)).status).toBe(303);
    await api("DELETE", `/api/instances/${app.instance.id}`, { mode: "permanent" });
    const gone = await worker.fetch(`${present}/`, { redirect: "manual", headers: PAGE });
    expect(gone.status).toBe(421);
  });
});
