/** Several ports of one instance: each at an origin of its own, with a grant of its own. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { NewShare } from "@roundhouse/protocol/api/share";
import type { ObservedPort } from "@roundhouse/protocol/ports";
import { connect, type FakeAgent, observedOf } from "../objects/fake-agent.ts";
import { api, makeInstance, makeNode, migrate, PRESET_KEY, type TestNode } from "../objects/harness.ts";
import { ORIGIN, worker } from "../objects/worker.ts";

let node: TestNode;
let instance: Instance;
let agent: FakeAgent;

const seen = (port: number, name: string | null): ObservedPort => ({ port, name, http: true, exposed: false });
const DECLARED = [
  { name: "api", port: 8001 },
  { name: "ui", env: "UI_PORT" },
];

beforeAll(migrate);
beforeEach(async () => {
  node = await makeNode();
  instance = await makeInstance(node, { ports: DECLARED });
  const ports = [seen(19001, "main"), seen(8001, "api"), seen(9000, null)];
  agent = await connect(node.key, { instances: [observedOf(instance.id, { ports })] });
});

const hostOf = (port?: string | number) =>
  `http://${instance.slug}${port === undefined ? "" : `--${port}`}.apps.localhost:8787`;

/** What a browser has after it opened a port: the origin, and the cookies it keeps there. */
async function open(port?: string | number) {
  const { url } = await api<{ url: string }>("POST", `/api/instances/${instance.id}/open`, port && { port });
  return follow(url);
}

async function follow(url: string) {
  const landed = await worker.fetch(url, { redirect: "manual" });
  const Cookie = landed.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return { origin: new URL(url).origin, status: landed.status, Cookie };
}

/** Which port of the app a request is sent to, or the status it is answered with. */
async function portBehind(origin: string, Cookie: string): Promise<number> {
  const answer = worker.fetch(`${origin}/`, { headers: { Cookie } });
  const opened = await Promise.race([answer, agent.nextFrame("open")]);
  if (opened instanceof Response) return opened.status;
  agent.reply(opened.stream, 200, [], "the app");
  await answer;
  const { target } = opened.head;
  return target.to === "app" ? target.port : 0;
}

describe("the origin of a port", () => {
  it("[PT1] is shown for the main port, for those that are declared, and for those that were found", async () => {
    const { ports, port } = await api<Instance>("GET", `/api/instances/${instance.id}`);
    expect(port).toBe(19001);
    expect(ports.map((one) => [one.name, one.port, one.url, one.http])).toEqual([
      ["main", 19001, hostOf(), true],
      ["api", 8001, hostOf("api"), true],
      ["ui", null, hostOf("ui"), false],
      [null, 9000, hostOf(9000), true],
    ]);
  });

  it("[PT1] leads to that port, by name or by number, and a number that has a name leads to the name", async () => {
    for (const [wanted, origin, port] of [
      [undefined, hostOf(), 19001],
      ["main", hostOf(), 19001],
      [19001, hostOf(), 19001],
      ["api", hostOf("api"), 8001],
      [8001, hostOf("api"), 8001],
      [9000, hostOf(9000), 9000],
    ] as const) {
      const opened = await open(wanted);
      expect(opened.origin).toBe(origin);
      expect(await portBehind(opened.origin, opened.Cookie)).toBe(port);
    }
  });

  it("[PT1] takes no cookie and no ticket of another port", async () => {
    const main = await open();
    const second = await open("api");
    expect(await portBehind(hostOf("api"), main.Cookie)).toBe(401);
    expect(await portBehind(hostOf(9000), main.Cookie)).toBe(401);
    expect(await portBehind(hostOf(), second.Cookie)).toBe(401);
    const { url } = await api<{ url: string }>("POST", `/api/instances/${instance.id}/open`);
    expect((await follow(url.replace(hostOf(), hostOf("api")))).status).toBe(401);
  });

  it("[AC5] refuses what another port of the same app asks for", async () => {
    const { origin, Cookie } = await open("api");
    for (const foreign of [hostOf(), hostOf(9000)]) {
      const response = await worker.fetch(`${origin}/`, { headers: { Cookie, Origin: foreign } });
      expect(response.status).toBe(403);
    }
  });

  it("[AC1] that nobody has is answered with 421, and one that is there with the way to open it", async () => {
    const headers = { "Sec-Fetch-Mode": "navigate", Accept: "text/html" };
    for (const unknown of ["nope", 8001, 9999]) {
      expect((await worker.fetch(hostOf(unknown))).status).toBe(421);
      expect((await worker.fetch(hostOf(unknown), { headers })).status).toBe(421);
    }
    const led = await worker.fetch(hostOf("api"), { headers, redirect: "manual" });
    expect(led.headers.get("location")).toBe(`${ORIGIN}/open/${instance.id}?port=api`);
  });

  it("[PT1] says that its app does not listen there, while it does not", async () => {
    const { origin, Cookie } = await open("ui");
    const state = await (await worker.fetch(`${origin}/__roundhouse/status`, { headers: { Cookie } })).json();
    expect(state).toMatchObject({ status: "starting", reason: { code: "port_not_open" } });
    expect(await portBehind(origin, Cookie)).toBe(503);
  });

  it("[PT1] ends with the instance, as the main one does", async () => {
    const { origin, Cookie } = await open("api");
    await api("DELETE", `/api/instances/${instance.id}`);
    expect(await portBehind(origin, Cookie)).toBe(421);
  });
});

it("a port that an instance has not cannot be opened, and the answer names those it has", async () => {
  const response = await worker.fetch(`${ORIGIN}/api/instances/${instance.id}/open`, {
    method: "POST",
    headers: { Authorization: `Bearer ${PRESET_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ port: "nope" }),
  });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { details: { ports: ["main", "api", "ui", 9000] } } });
});

it("[AC9] a share of a port opens that port and no other", async () => {
  const share = await api<NewShare>("POST", `/api/instances/${instance.id}/shares`, { port: 9000 });
  expect(share).toMatchObject({ port: 9000 });
  const visitor = await follow(share.url);
  expect(await portBehind(visitor.origin, visitor.Cookie)).toBe(9000);
  for (const other of [hostOf(), hostOf("api")]) {
    expect((await follow(share.url.replace(hostOf(9000), other))).status).toBe(410);
    expect(await portBehind(other, visitor.Cookie)).toBe(401);
  }
});

it("[PT2] the main origin leads to where the app listens, and to the port it was given by an older agent's word", async () => {
  agent.send({
    type: "agent.observed",
    instances: [observedOf(instance.id, { ports: [seen(9000, "main")] })],
    ...{ gone: [], unknown: [] },
  });
  const { origin, Cookie } = await open();
  expect(await portBehind(origin, Cookie)).toBe(9000);
  agent.send({ type: "agent.observed", instances: [observedOf(instance.id)], gone: [], unknown: [] });
  expect(await portBehind(origin, Cookie)).toBe(19001);
});
