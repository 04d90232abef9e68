/** Shares and revocation over real sockets: what is open ends at both ends of the tunnel, and what is not meant goes on. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { NewApiKey } from "@roundhouse/protocol/api/person";
import type { NewShare } from "@roundhouse/protocol/api/share";
import type WebSocket from "ws";
import { openBrowser } from "./browser.ts";
import { ask, openSocket } from "./http.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";
import { measured, until } from "./until.ts";

let tunnel: Tunnel;
let instance: Instance;
beforeAll(async () => {
  tunnel = await openTunnel();
  [instance] = (await tunnel.house.api.instances()) as [Instance];
});
afterAll(() => tunnel?.close());

const share = () => tunnel.house.api.post<NewShare>(`/api/instances/${instance.id}/shares`);

/** The grant that whoever follows a link gets, without an account. */
async function follow(url: string): Promise<string> {
  const { hostname, pathname, search } = new URL(url);
  const answer = await ask({ port: tunnel.house.port, host: hostname, path: pathname + search });
  expect(answer.status).toBe(303);
  return answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

/** A response and a WebSocket that both ends hold open. */
async function holdOpen(Cookie: string) {
  const responding = Promise.withResolvers<ServerResponse>();
  const accepting = Promise.withResolvers<WebSocket>();
  const stream = tunnel.serve((_request, response) => {
    // With a length: the runtime ends any other answer as if it were whole (SPEC ST8).
    response.setHeader("Content-Length", 1000);
    response.write("first words");
    responding.resolve(response);
  });
  const sockets = tunnel.serveSockets((socket) => {
    socket.on("message", (message: Buffer) => socket.send(message.toString()));
    accepting.resolve(socket);
  });
  const response = await tunnel.open(stream, { headers: { Cookie } });
  await once(response, "data");
  const host = new URL(tunnel.origin).hostname;
  const headers = { Cookie, Origin: tunnel.origin };
  const socket = await openSocket({ port: tunnel.house.port, host, path: sockets, headers });
  socket.send("hello");
  await once(socket, "message");
  return { response, socket, atApp: { response: await responding.promise, socket: await accepting.promise } };
}
type Held = Awaited<ReturnType<typeof holdOpen>>;

/** How the client's and the app's ends of both ended. */
function endOf({ response, socket, atApp }: Held): Promise<unknown[]> {
  const answered = once(atApp.response, "close").then(() => "the app's response ended");
  const served = once(atApp.socket, "close").then(() => "the app's socket ended");
  const closed = once(socket, "close").then(([code]) => code as number);
  return Promise.all([brokenOff(response), closed, answered, served]);
}

function brokenOff(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    response.on("error", () => resolve("broken off"));
    response.on("end", () => resolve("whole"));
    response.resume();
  });
}

const ENDED = ["broken off", 1008, "the app's response ended", "the app's socket ended"];

/** The code of a socket that the other side closes. The runtime keeps the connection below it open a while longer. */
async function closeCodeOf(socket: WebSocket): Promise<number> {
  await until("the socket is closed", () => socket.readyState >= socket.CLOSING);
  const closed = once(socket, "close");
  socket.terminate();
  return ((await closed) as [number])[0];
}

async function expectToEnd(held: Held, what: string, end: () => Promise<unknown>): Promise<void> {
  const ends = endOf(held);
  const begin = performance.now();
  await end();
  expect(await ends).toEqual(ENDED);
  measured(`what was open ended after ${what}`, performance.now() - begin);
}

describe("what is open ends at both ends of the tunnel", () => {
  test("[AC10] when its share is revoked, and another share's goes on", async () => {
    const [mine, theirs] = [await share(), await share()];
    const [held, kept] = [await holdOpen(await follow(mine.url)), await holdOpen(await follow(theirs.url))];
    await expectToEnd(held, "revoking a share", () => tunnel.house.api.delete(`/api/shares/${mine.id}`));
    kept.socket.send("still here");
    expect(String((await once(kept.socket, "message"))[0])).toBe("still here");
    kept.socket.close();
    kept.response.destroy();
  });

  test("[AC6] when the key is revoked that opened it, with the logs, stats and live feed of that key", async () => {
    const { house } = tunnel;
    const made = await house.api.post<NewApiKey>("/api/keys", { name: "mine" });
    const Authorization = `Bearer ${made.key}`;
    const opening = await house.api.call(
      "POST",
      `/api/instances/${instance.id}/open`,
      {},
      { headers: { Authorization } },
    );
    const held = await holdOpen(await follow((JSON.parse(opening.text) as { url: string }).url));
    const paths = [`/api/instances/${instance.id}/logs`, `/api/nodes/${instance.node}/stats`, "/api/events"];
    const feeds = await Promise.all(
      paths.map((path) => openSocket({ port: house.port, path, headers: { Authorization } })),
    );
    await expectToEnd(held, "revoking a key", () => house.api.delete(`/api/keys/${made.id}`));
    expect(await Promise.all(feeds.map(closeCodeOf))).toEqual([1008, 1008, 1008]);
  });
});

test("[AC9] [AC10] a visitor without an account uses the app, and is told when the share has ended", async () => {
  const path = tunnel.serve((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<h1>The app itself</h1>");
  });
  const made = await tunnel.house.api.post<NewShare>(`/api/instances/${instance.id}/shares`, { path });
  const browser = await openBrowser();
  const { page } = browser;
  try {
    await page.goto(made.url);
    await page.getByRole("heading", { name: "The app itself" }).waitFor();
    expect(page.url()).toBe(tunnel.origin + path);
    await tunnel.house.api.delete(`/api/shares/${made.id}`);
    for (const again of [() => page.reload(), () => page.goto(made.url)]) {
      await again();
      await page.getByRole("heading", { name: "This share has ended" }).waitFor();
    }
  } finally {
    await browser.close();
  }
});

test("[AC9] a visitor sees an app start", async () => {
  const { house } = tunnel;
  const made = await share();
  await house.api.stop(instance.id);
  await house.api.untilStatus(instance.id, "stopped");
  const browser = await openBrowser();
  const { page } = browser;
  try {
    await page.goto(made.url);
    await page.getByRole("heading", { name: "This app is stopped" }).waitFor();
    expect(await page.locator("#log").isVisible()).toBe(false);
    await house.api.start(instance.id);
    await page.getByText("ready", { exact: true }).waitFor();
  } finally {
    await browser.close();
  }
});
