/** Apps that look at Host, Origin, Referer and Sec-Fetch-Site, used in a real browser through their URL as if they were local. */
import type { IncomingMessage } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewShare } from "@roundhouse/protocol/api/share";
import { type Browser, openBrowser, signIn } from "./browser.ts";
import { GUARDS } from "./guards.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

let tunnel: Tunnel;
let browser: Browser;
beforeAll(async () => {
  tunnel = await openTunnel();
  browser = await openBrowser();
  await signIn(browser.page, tunnel.house);
});
afterAll(async () => {
  await browser?.close();
  await tunnel?.close();
});

/** Follows a link to a page of the app from a page of another site: the dashboard. */
async function follow(path: string): Promise<Page> {
  const { api } = tunnel.house;
  const [instance] = await api.instances();
  const { url } = await api.post<NewShare>(`/api/instances/${instance?.id}/shares`, { path });
  const arriving = browser.context.waitForEvent("page");
  await browser.page.evaluate((address) => void window.open(address, "_blank"), url);
  const page = await arriving;
  await page.waitForURL(`${tunnel.origin}${path}`);
  return page;
}

/** What a page of the app gets from it: by POST, by a GET that names where it comes from, and over a WebSocket. */
function useApp(page: Page, sockets: string): Promise<string[]> {
  return page.evaluate(async (path) => {
    const posted = await fetch("call", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    const got = await fetch("call");
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}${path}`);
    const echoed = await new Promise<string>((resolve) => {
      socket.addEventListener("open", () => socket.send("hello"));
      socket.addEventListener("message", ({ data }) => resolve(String(data)));
      socket.addEventListener("close", ({ code, reason }) => resolve(`closed ${code} ${reason}`));
    });
    return [await posted.text(), await got.text(), echoed];
  }, sockets);
}

describe.each(Object.entries(GUARDS))("an app that guards itself as %s does", (_name, guard) => {
  test("[HD1] is used by its own pages, however the way there began", async () => {
    const path = tunnel.serve((request, response) => {
      const refusal = guard(request);
      response.writeHead(refusal === undefined ? 200 : 403, { "content-type": "text/html" });
      response.end(refusal ?? (request.url?.endsWith("call") ? "called" : "<!doctype html><h1>Welcome</h1>"));
    });
    const sockets = tunnel.serveSockets((socket, request: IncomingMessage) => {
      const refusal = guard(request);
      if (refusal !== undefined) return socket.close(4403, refusal);
      socket.on("message", (data: Buffer) => socket.send(data.toString()));
    });
    const page = await follow(path);
    await page.getByRole("heading", { name: "Welcome" }).waitFor();
    expect(await useApp(page, sockets)).toEqual(["called", "called", "hello"]);
    await page.reload();
    await page.getByRole("heading", { name: "Welcome" }).waitFor();
    await page.close();
  });
});

test("a foreign page is refused by each guard, so that passing them means something", () => {
  const foreign = { host: "evil.example", origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const local = { ...foreign, host: "127.0.0.1:19001" };
  const refused = (name: string, headers: object) =>
    GUARDS[name]?.({ method: "POST", headers } as IncomingMessage) !== undefined;
  for (const name of ["gradio", "comfyui", "tornado", "django", "fetchMetadata"])
    expect([name, refused(name, local)]).toEqual([name, true]);
  for (const name of ["tornado", "vite"]) expect([name, refused(name, foreign)]).toEqual([name, true]);
});

test("[HD2] an app that builds addresses from X-Forwarded-Host, as Gradio does, builds public ones", async () => {
  const path = tunnel.serve(({ headers, url }, response) => {
    const root = `${String(headers["x-forwarded-proto"])}://${String(headers["x-forwarded-host"])}`;
    response.writeHead(200, { "content-type": "text/html" });
    response.end(url?.endsWith("call") ? "called" : `<a href="${root}${path}call">call</a>`);
  });
  const page = await follow(path);
  await page.getByRole("link").click();
  await page.getByText("called").waitFor();
  expect(page.url()).toBe(`${tunnel.origin}${path}call`);
  await page.close();
});

test("[HD3] an app that sends to its own local address keeps the browser at the public one", async () => {
  const path = tunnel.serve(({ url, headers }, response) => {
    const step = Number(/step-(\d)$/.exec(url ?? "")?.[1] ?? 0);
    const next = `http://${headers.host}${path}step-${step + 1}`;
    if (step === 1) return void response.writeHead(302, { location: next }).end();
    if (step === 2) return void response.writeHead(200, { refresh: `0; url=${next}` }).end();
    response.writeHead(200, { "content-type": "text/html" });
    response.end(step === 0 ? '<a href="step-1">Go</a>' : "<h1>Arrived</h1>");
  });
  const page = await follow(path);
  await page.getByRole("link").click();
  await page.getByRole("heading", { name: "Arrived" }).waitFor();
  expect(page.url()).toBe(`${tunnel.origin}${path}step-3`);
  await page.close();
});

test("a service worker of an app takes over its own pages", async () => {
  const script = `addEventListener("install", () => skipWaiting());
    addEventListener("activate", (event) => event.waitUntil(clients.claim()));
    addEventListener("fetch", (event) => event.request.url.endsWith("/offline") && event.respondWith(new Response("from the worker")));`;
  const path = tunnel.serve(({ url }, response) => {
    response.writeHead(200, { "content-type": url?.endsWith(".js") ? "text/javascript" : "text/html" });
    response.end(url?.endsWith(".js") ? script : "<!doctype html><h1>With a worker</h1>");
  });
  const page = await follow(path);
  const answer = await page.evaluate(async () => {
    await navigator.serviceWorker.register("worker.js");
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    }
    return (await fetch("offline")).text();
  });
  expect(answer).toBe("from the worker");
  await page.close();
});
