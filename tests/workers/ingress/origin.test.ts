import { beforeAll, describe, expect, it } from "vitest";
import { makeApp, migrate, type TestApp } from "../objects/harness.ts";

let app: TestApp;
beforeAll(async () => {
  await migrate();
  app = await makeApp();
});

type Attack = { why: string; method?: string; headers: Record<string, string> };

const SIBLING = "http://evil.apps.localhost:8787";
const SOCKET = { Upgrade: "websocket" };

function fromOrigin(Origin: string): Attack[] {
  const requests = ["GET", "POST", "PUT", "DELETE", "HEAD"].map((method): Attack => ({
    why: `${method} from ${Origin}`,
    method,
    headers: { Origin },
  }));
  const form = { Origin, "Sec-Fetch-Mode": "navigate" };
  return [
    ...requests,
    { why: `a navigation by POST from ${Origin}`, method: "POST", headers: form },
    { why: `a WebSocket from ${Origin}`, headers: { ...SOCKET, Origin } },
  ];
}

function bySite(site: string): Attack[] {
  const from = { "Sec-Fetch-Site": site };
  return [
    { why: `a ${site} subresource`, headers: { ...from, "Sec-Fetch-Mode": "no-cors" } },
    {
      why: `a ${site} fetch that would like a page`,
      headers: { ...from, "Sec-Fetch-Mode": "cors", Accept: "text/html" },
    },
    { why: `a ${site} form by POST`, method: "POST", headers: { ...from, "Sec-Fetch-Mode": "navigate" } },
  ];
}

function refused(): Attack[] {
  const { origin } = app;
  const foreign = [SIBLING, "http://localhost:8787", "https://evil.example", "null", origin.replace("http:", "https:")];
  const lookalikes = [origin.replace(":8787", ":9999"), `${origin}.evil.example`, `${origin}/`];
  return [
    ...[...foreign, ...lookalikes].flatMap(fromOrigin),
    ...["same-site", "cross-site", "nonsense"].flatMap(bySite),
    { why: "a WebSocket without an Origin", headers: SOCKET },
    { why: "a WebSocket by hand", headers: { Upgrade: "WebSocket", "Sec-Fetch-Site": "none" } },
  ];
}

describe("requests that an app's own pages did not make", () => {
  it("[AC5] are refused with 403 before the app hears of them, though they carry its cookie", async () => {
    for (const { why, method = "GET", headers } of refused()) {
      const response = await app.fetch("/act", { method, headers });
      expect([why, response.status]).toEqual([why, 403]);
      expect(response.webSocket).toBeNull();
      if (method !== "HEAD") expect(await response.json()).toMatchObject({ error: { code: "bad_origin" } });
    }
    // The only thing the agent ever got is what follows.
    const answer = app.fetch("/own");
    const { stream, head } = await app.agent.nextFrame("open");
    expect(head.path).toBe("/own");
    app.agent.reply(stream, 200);
    expect((await answer).status).toBe(200);
  });

  it("[AC5] are refused on our own paths of the app's origin, too", async () => {
    const headers = { Origin: SIBLING };
    expect((await app.fetch("/__roundhouse/status", { headers })).status).toBe(403);
    expect((await app.fetch("/__roundhouse/open?ticket=x", { headers })).status).toBe(403);
  });
});

describe("requests that may pass", () => {
  it("[AC5] are those of the app itself, of programs, and navigations by GET", async () => {
    const passing: Attack[] = [
      { why: "a program", headers: {} },
      { why: "a typed address", headers: { "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate" } },
      { why: "its own fetch", headers: { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" } },
      { why: "its own POST", method: "POST", headers: { Origin: app.origin, "Sec-Fetch-Site": "same-origin" } },
      { why: "a link elsewhere", headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" } },
      {
        why: "a frame of the dashboard",
        headers: { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
      },
    ];
    for (const { why, method = "GET", headers } of passing) {
      const answer = app.fetch("/", { method, headers });
      const { stream } = await app.agent.nextFrame("open");
      app.agent.reply(stream, 200);
      expect([why, (await answer).status]).toEqual([why, 200]);
    }
  });

  it("[AC5] are answered so that only the dashboard and the app itself may frame them", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    const headers: [string, string][] = [
      ["content-security-policy", "default-src 'self'; frame-ancestors 'none'"],
      ["x-frame-options", "DENY"],
    ];
    app.agent.reply(stream, 200, headers);
    const response = await answer;
    // Two policies: a browser enforces both.
    const policies = response.headers.get("content-security-policy");
    expect(policies).toBe("default-src 'self', frame-ancestors 'self' http://localhost:8787");
    expect(response.headers.get("x-frame-options")).toBeNull();
  });
});
