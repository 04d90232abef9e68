import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { appCookies, confineSetCookie, parseCookies } from "../../../workers/objects/node-hub/app-cookies.ts";
import { appOrigin } from "../../../workers/hosts.ts";
import { roomOfHost } from "../../../workers/ingress/host.ts";
import { api, makeApp, migrate, type TestApp } from "../objects/harness.ts";
import { worker } from "../objects/worker.ts";

let app: TestApp;
beforeAll(async () => {
  await migrate();
  app = await makeApp();
});

describe("what an app sees of a request", () => {
  it("[HD2] states the public side, whatever the client said about it", async () => {
    const answer = app.fetch("/", {
      headers: {
        ...{ "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-For": "6.6.6.6" },
        ...{ "X-Forwarded-User": "root", "X-Real-IP": "6.6.6.6", Forwarded: "for=6.6.6.6" },
      },
    });
    const { stream, head } = await app.agent.nextFrame("open");
    const seen = Object.fromEntries(head.headers);
    expect(seen).toMatchObject({
      "x-forwarded-host": new URL(app.origin).host,
      "x-forwarded-proto": "http",
      "x-forwarded-for": expect.not.stringContaining("6.6.6.6"),
    });
    expect(Object.keys(seen).filter((name) => /forwarded-user|real-ip|^forwarded/.test(name))).toEqual([]);
    app.agent.reply(stream, 200);
    await answer;
  });

  it("[HD4] never holds a cookie of ours", async () => {
    const answer = app.fetch("/", { headers: { Cookie: `a=1; ${app.cookie}; b="two; three"` } });
    const { stream, head } = await app.agent.nextFrame("open");
    expect(Object.fromEntries(head.headers)["cookie"]).toBe('a=1; b="two; three"');
    app.agent.reply(stream, 200);
    await answer;
    const bare = app.fetch("/");
    const second = await app.agent.nextFrame("open");
    expect(second.head.headers.filter(([name]) => name === "cookie")).toEqual([]);
    expect(JSON.stringify(second.head)).not.toContain("rhg_");
    app.agent.reply(second.stream, 200);
    await bare;
  });
});

describe("an app's cookies", () => {
  it("[HD4] lose their Domain and cannot carry our names", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    const cookies = [
      "tossed=1; Domain=apps.localhost; Path=/",
      "__Host-roundhouse-grant=stolen; Path=/; Secure",
      " __Host-roundhouse-instance =x",
      "=__Host-roundhouse-grant=nameless",
      "fine=1; HttpOnly",
    ];
    app.agent.reply(
      stream,
      200,
      cookies.map((cookie) => ["set-cookie", cookie]),
    );
    expect((await answer).headers.getSetCookie()).toEqual(["tossed=1; Path=/", "fine=1; HttpOnly"]);
    const refusal = app.socket("/ws");
    const second = await app.agent.nextFrame("open");
    app.agent.reply(
      second.stream,
      401,
      cookies.map((cookie) => ["set-cookie", cookie]),
    );
    expect((await refusal).headers.getSetCookie()).toEqual(["tossed=1; Path=/", "fine=1; HttpOnly"]);
  });

  it("[HD4] keep everything else, in any spelling", () => {
    expect(confineSetCookie("a=1;dOmAiN = x; Max-Age=5;domain; Secure")).toBe("a=1; Max-Age=5; Secure");
    expect(confineSetCookie("a=domain=x; path=/domain")).toBe("a=domain=x; path=/domain");
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const kept = confineSetCookie(parts.join(";"));
        if (kept === undefined) return;
        const [, ...attributes] = kept.split(";");
        expect(attributes.some((attribute) => /^\s*domain\s*(=|$)/i.test(attribute))).toBe(false);
        for (const { name } of parseCookies(kept.split(";")[0] ?? "")) expect(name).not.toContain("__Host-roundhouse");
      }),
    );
  });

  it("[HD4] are kept by a frame of another site, and are as the app set them elsewhere", async () => {
    const set = ["a=1; Path=/; samesite=Strict; Secure", "b=2; HttpOnly", "c=3; SameSite=Lax; partitioned"];
    const seenBy = async (headers: Record<string, string>) => {
      const { url } = await api<{ url: string }>("POST", `/api/instances/${app.instance.id}/open`, { framed: true });
      const asked = { "Sec-Fetch-Mode": "navigate", ...headers };
      const opened = await worker.fetch(url, { redirect: "manual", headers: asked });
      const Cookie = opened.headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; ");
      const answer = app.fetch("/", { headers: { Cookie } });
      const { stream } = await app.agent.nextFrame("open");
      app.agent.reply(
        stream,
        200,
        set.map((line) => ["set-cookie", line]),
      );
      return (await answer).headers.getSetCookie();
    };
    expect(await seenBy({ "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site" })).toEqual([
      "a=1; Path=/; SameSite=None; Secure; Partitioned",
      "b=2; HttpOnly; SameSite=None; Secure; Partitioned",
      "c=3; SameSite=None; Secure; Partitioned",
    ]);
    expect(await seenBy({ "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-site" })).toEqual(set);
    expect(await seenBy({ "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site" })).toEqual(set);
  });

  it("[HD4] reach the app whatever else is in the header", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9=_.-]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), fc.nat(), (pairs, at) => {
        const theirs = pairs.map(([key, text]) => `${key}=${text}`);
        const all = theirs.toSpliced(
          at % (theirs.length + 1),
          0,
          "__Host-roundhouse-grant=x",
          "__Host-roundhouse-instance=y",
        );
        expect(appCookies(all.join("; "))).toBe(theirs.length === 0 ? null : theirs.join("; "));
      }),
    );
  });
});

describe("hosts", () => {
  const room = (host: string) => roomOfHost(new URL(`http://${host}/`), "https://pool.example", "apps.example:8443");

  it("[AC1] tell the dashboard from apps, by the whole name and never by a part of it", () => {
    expect(room("pool.example")).toEqual({ room: "dashboard" });
    expect(room("127.0.0.1:9999")).toEqual({ room: "dashboard" });
    expect(room("Hello.APPS.example")).toEqual({ room: "app", label: "hello", slug: "hello", port: null });
    expect(room("hello.apps.example:1")).toMatchObject({ room: "app", slug: "hello" });
    for (const host of [
      "apps.example",
      "xapps.example",
      "a.b.apps.example",
      "pool.example.evil",
      "hello.apps.example.",
      "evil.pool.example",
      "hello--.apps.example",
      "hello--main.apps.example",
      "hello--0.apps.example",
      "hello--65536.apps.example",
      "hello--a--b.apps.example",
    ]) {
      expect(room(host)).toEqual({ room: "unknown" });
    }
  });

  it("[AC5] give an app one origin, as browsers write it", () => {
    expect(appOrigin("hello", "http://localhost:8787", "apps.localhost:8787")).toBe("http://hello.apps.localhost:8787");
    expect(appOrigin("hello", "https://pool.example", "apps.example:443")).toBe("https://hello.apps.example");
  });
});
