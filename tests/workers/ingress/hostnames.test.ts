/** Apps at a host name of their own: everything as at their usual origin, and nothing for any other host. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { Hostname } from "@roundhouse/protocol/hostname";
import type { NewShare } from "@roundhouse/protocol/api/share";
import { api, makeApp, migrate, type TestApp } from "../objects/harness.ts";
import { worker } from "../objects/worker.ts";

const PAGE = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", Accept: "text/html" };
let app: TestApp;
let host: string;
let origin: string;
let count = 0;
beforeAll(migrate);
beforeEach(async () => {
  app = await makeApp();
  host = `comfy-${(count += 1)}.localhost`;
  origin = `http://${host}:8787`;
});

const patch = (hostname: string | null) =>
  api<{ url: string; hostname: string | null }>("PATCH", `/api/instances/${app.instance.id}`, { hostname });
const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  worker.fetch(origin + path, { redirect: "manual", ...init, headers });

/** The cookies of a browser that opened the app. */
async function open(): Promise<string> {
  const { url } = await api<{ url: string }>("POST", `/api/instances/${app.instance.id}/open`);
  expect(url.startsWith(`${origin}/__roundhouse/open?ticket=`)).toBe(true);
  const landed = await worker.fetch(url, { redirect: "manual" });
  expect([landed.status, landed.headers.get("location")]).toEqual([303, "/"]);
  return landed.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .join("; ");
}

async function atApp(answer: Promise<Response>) {
  const { stream } = await app.agent.nextFrame("open");
  app.agent.reply(stream, 200, [], "the app");
  return (await answer).text();
}

describe("an app with a host name of its own", () => {
  it("[AC12] is opened there, and served to who was granted it there", async () => {
    expect(await patch(host)).toMatchObject({ hostname: host, url: origin });
    const Cookie = await open();
    expect(await atApp(ask("/x", { Cookie }))).toBe("the app");
    expect(await atApp(ask("/x", { Cookie, Origin: origin }, { method: "POST" }))).toBe("the app");
    expect((await ask("/x", { Cookie, Origin: app.origin }, { method: "POST" })).status).toBe(403);
    expect((await ask("/x")).status).toBe(401);
    expect((await ask("/x", PAGE)).headers.get("location")).toContain(`/open/${app.instance.id}`);
  });

  it("[AC12] takes no grant of its other origin, and gives it none", async () => {
    await patch(host);
    const Cookie = await open();
    const usual = await worker.fetch(`${app.origin}/`, { redirect: "manual", headers: { Cookie } });
    expect(usual.status).toBe(401);
    expect((await ask("/", { Cookie: app.cookie })).status).toBe(401);
  });

  it("[AC12] is framed at its other origin", async () => {
    await patch(host);
    const { url } = await api<{ url: string }>("POST", `/api/instances/${app.instance.id}/open`, { framed: true });
    expect(url.startsWith(`${app.origin}/__roundhouse/open?ticket=`)).toBe(true);
    expect((await worker.fetch(url, { redirect: "manual" })).status).toBe(303);
  });

  it("[AC12] leaves what is open at its other origin open, and ends what is open there when it is taken away", async () => {
    await patch(host);
    const Cookie = await open();
    const stays = app.fetch("/stays");
    const kept = await app.agent.nextFrame("open");
    const ends = ask("/ends", { Cookie });
    const ended = await app.agent.nextFrame("open");
    await patch(null);
    expect(await app.agent.nextFrame("reset", ended.stream)).toMatchObject({ code: "cancelled" });
    expect((await ends).status).toBeGreaterThan(400);
    app.agent.reply(kept.stream, 200, [], "still here");
    expect(await (await stays).text()).toBe("still here");
  });

  it("[AC12] is shared there", async () => {
    await patch(host);
    const { url } = await api<NewShare>("POST", `/api/instances/${app.instance.id}/shares`, {});
    expect(url.startsWith(`${origin}/__roundhouse/share?key=`)).toBe(true);
    expect((await worker.fetch(url, { redirect: "manual" })).status).toBe(303);
  });

  it("[AC12] loses what was granted with the host name, or when it is deleted", async () => {
    await patch(host);
    const Cookie = await open();
    expect(await patch(null)).toMatchObject({ hostname: null, url: app.origin });
    expect((await ask("/", { Cookie })).status).toBe(421);
    await patch(host);
    await api("DELETE", `/api/instances/${app.instance.id}`, { mode: "permanent" });
    expect((await ask("/", { Cookie })).status).toBe(421);
  });

  it("[AC12] leaves every other host at 421", async () => {
    await patch(host);
    for (const other of [`x.${host}`, host.slice(1), "example.test", "other.localhost", `${host}.`, "10.0.0.1"]) {
      expect([other, (await worker.fetch(`http://${other}:8787/`)).status]).toEqual([other, 421]);
    }
  });
});

describe("a host name", () => {
  const refusal = async (hostname: string, id = app.instance.id) => {
    const answer = await api("PATCH", `/api/instances/${id}`, { hostname }).catch((error: unknown) => error);
    return answer instanceof Error ? answer.message : "accepted";
  };

  it("[AC12] is refused when it is the deployment's own, another's, or none", async () => {
    for (const own of [
      "localhost",
      "apps.localhost",
      "x.apps.localhost",
      "127.0.0.1",
      "Comfy.example",
      // Over http, browsers keep the cookie that opens it below localhost only.
      "comfy.example.com",
      "a_b.example",
    ]) {
      expect([own, await refusal(own)]).toEqual([own, expect.stringContaining("invalid_input")]);
    }
    await patch(host);
    const other = await makeApp();
    expect(await refusal(host, other.instance.id)).toContain("hostname_taken");
  });

  it("[AC12] is a lower-case name of two labels and more, each of at most 63 characters, and never an address", () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/).filter((one) => !one.includes("--"));
    const accepts = (name: string) => Hostname.safeParse(name).success;
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), fc.stringMatching(/^[a-z]{2,8}$/), (labels, top) => {
        const name = [...labels, top].join(".");
        expect(accepts(name)).toBe(true);
        expect(new URL(`http://${name}/`).hostname).toBe(name);
        for (const bad of [
          `${name}.`,
          `.${name}`,
          `-${name}`,
          `${name}-`,
          name.toUpperCase(),
          `${name}:80`,
          `a..${name}`,
        ]) {
          expect([bad, accepts(bad)]).toEqual([bad, false]);
        }
      }),
    );
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6()), (address) => !accepts(address)));
    for (const bad of ["localhost", "1.0x7f", "", `${"a".repeat(64)}.example`, `${"a.".repeat(130)}example`]) {
      expect(accepts(bad)).toBe(false);
    }
  });
});
