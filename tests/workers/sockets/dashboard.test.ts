import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { connect, type FakeAgent, observedOf, utf8 } from "../objects/fake-agent.ts";
import {
  api,
  env,
  eventually,
  hubOf,
  makeInstance,
  makeNode,
  migrate,
  PRESET_KEY,
  type TestNode,
} from "../objects/harness.ts";
import { ORIGIN, worker } from "../objects/worker.ts";
import { dial, dialAgent, Feed, signIn, socketHeaders, type TestSession } from "./client.ts";

let node: TestNode;
let agent: FakeAgent;
let instance: Instance;
let session: TestSession;
beforeAll(async () => {
  await migrate();
  node = await makeNode();
  instance = await makeInstance(node);
  agent = await connect(node.key, { instances: [observedOf(instance.id)] });
  session = await signIn();
});

const asSession = (changes: Record<string, string> = {}) => ({ ...socketHeaders(session), ...changes });
const asKey = { Authorization: `Bearer ${PRESET_KEY}` };

describe("who may have a socket", () => {
  const paths = ["/api/events", () => `/api/instances/${instance.id}/logs`, () => `/api/nodes/${node.id}/stats`];
  const all = () => paths.map((path) => (typeof path === "string" ? path : path()));

  it("is nobody without a session and its proof, or a key", async () => {
    const doubts: Record<string, string>[] = [
      {},
      { Cookie: session.cookie, Origin: ORIGIN },
      { Cookie: session.cookie, Origin: ORIGIN, "Sec-WebSocket-Protocol": "roundhouse.v1, proof.wrong" },
      { Origin: ORIGIN, "Sec-WebSocket-Protocol": `roundhouse.v1, proof.${session.proof}` },
      { Authorization: "Bearer rhk_nobody" },
    ];
    for (const path of all()) {
      for (const headers of doubts) {
        const response = await dial(path, headers);
        expect([path, response.status, response.webSocket]).toEqual([path, 401, null]);
      }
      expect((await dial(path, { Authorization: `Bearer ${node.key}` })).status).toBe(403);
    }
  });

  it("is nobody on a foreign page, even with cookie and proof", async () => {
    for (const path of all()) {
      for (const Origin of ["http://hello.apps.localhost:8787", "https://evil.example", "null"]) {
        const response = await dial(path, asSession({ Origin }));
        expect([path, Origin, response.status]).toEqual([path, Origin, 403]);
      }
      const { Origin: _none, ...noOrigin }: Record<string, string> = asSession();
      expect((await dial(path, noOrigin)).status).toBe(403);
    }
  });

  it("finds nothing where there is no socket, and no node that is away", async () => {
    expect((await dial("/api/nodes", asKey)).status).toBe(404);
    expect((await dial("/api/nodes/nd_nothing/stats", asKey)).status).toBe(404);
    const away = await makeNode();
    const response = await dial(`/api/nodes/${away.id}/stats`, asKey);
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: "node_offline" } }]);
  });
});

describe("the live feed", () => {
  it("says hello, and then what changed, to sessions and keys", async () => {
    const accepted = await dial("/api/events", asSession());
    expect(accepted.headers.get("sec-websocket-protocol")).toBe("roundhouse.v1");
    const [person, program] = [new Feed(accepted), new Feed(await dial("/api/events", asKey))];
    for (const feed of [person, program]) expect(await feed.next()).toBe('{"type":"feed.hello"}');
    agent.send({
      type: "agent.observed",
      instances: [observedOf(instance.id, { status: "stalled" })],
      gone: [],
      unknown: [],
    });
    for (const feed of [person, program]) {
      expect(await feed.event(`"instance"`)).toEqual({ type: "feed.changed", entity: "instance", id: instance.id });
    }
    const other = await makeNode();
    const brief = await connect(other.key);
    expect(await person.event(other.id)).toEqual({ type: "feed.changed", entity: "node", id: other.id });
    brief.socket.close(1000);
    expect(await person.event(other.id)).toEqual({ type: "feed.changed", entity: "node", id: other.id });
  });

  it("survives hibernation and answers a ping without waking", async () => {
    const feed = new Feed(await dial("/api/events", asKey));
    await feed.next();
    await evictDurableObject(env.LIVE_FEED.getByName("feed"));
    feed.socket.send("ping");
    expect(await feed.saying("pong")).toBe("pong");
    await env.LIVE_FEED.getByName("feed").publish([{ type: "feed.changed", entity: "user", id: null }]);
    expect(await feed.event(`"user"`)).toMatchObject({ id: null });
  });

  it("[AC6] ends for who is revoked, also after hibernation, and for nobody else", async () => {
    const made = await api<{ id: string; key: string }>("POST", "/api/keys", { name: "watcher", role: "viewer" });
    const mine = new Feed(await dial("/api/events", { Authorization: `Bearer ${made.key}` }));
    const theirs = new Feed(await dial("/api/events", asSession()));
    await Promise.all([mine.next(), theirs.next()]);
    await evictDurableObject(env.LIVE_FEED.getByName("feed"));
    await api("DELETE", `/api/keys/${made.id}`);
    expect(await mine.closed).toBe(1008);
    expect(theirs.socket.readyState).toBe(WebSocket.OPEN);
    expect((await dial("/api/events", { Authorization: `Bearer ${made.key}` })).status).toBe(401);
  });
});

describe("feeds of a node's agent", () => {
  const follow = (path: string, headers: Record<string, string>, protocol?: string) =>
    dialAgent(agent, path, headers, protocol);

  it("[SV2] carry log and stats, with the offset that was asked for and without anybody's secrets", async () => {
    const log = await follow(`/api/instances/${instance.id}/logs?offset=-500`, asSession(), "roundhouse.v1");
    expect(log.head).toMatchObject({
      kind: "websocket",
      target: { to: "agent" },
      path: `/instances/${instance.id}/logs?offset=-500`,
    });
    expect(JSON.stringify(log.head)).not.toContain(session.proof);
    expect(JSON.stringify(log.head)).not.toContain("cookie");
    expect(log.response.headers.get("sec-websocket-protocol")).toBe("roundhouse.v1");
    const feed = new Feed(log.response);
    agent.frame({ type: "message", stream: log.stream, text: true, more: false, bytes: utf8('{"offset":7}') });
    agent.frame({ type: "message", stream: log.stream, text: false, more: false, bytes: utf8("line\n") });
    expect(await feed.next()).toBe('{"offset":7}');
    expect(new TextDecoder().decode((await feed.next()) as ArrayBuffer)).toBe("line\n");
    feed.socket.close(1000);
    await agent.nextFrame("close", log.stream);
    const stats = await follow(`/api/nodes/${node.id}/stats`, asKey);
    expect(stats.head.path).toBe("/stats");
    expect(stats.response.headers.get("sec-websocket-protocol")).toBeNull();
  });

  it("[SV2] cannot be led anywhere else by what is in their address", async () => {
    const { head } = await follow(
      `/api/instances/${instance.id}/logs?offset=${encodeURIComponent("0&x=/../stats")}`,
      asKey,
    );
    expect(head.path).toBe(`/instances/${instance.id}/logs?offset=0%26x%3D%2F..%2Fstats`);
    expect((await dial("/api/instances/..%2F..%2Fstats/logs", asKey)).status).toBe(404);
  });

  it("[AC6] end for who is revoked", async () => {
    const made = await api<{ id: string; key: string }>("POST", "/api/keys", { name: "reader", role: "viewer" });
    const { response, stream } = await follow(`/api/nodes/${node.id}/stats`, { Authorization: `Bearer ${made.key}` });
    const feed = new Feed(response);
    await api("DELETE", `/api/keys/${made.id}`);
    expect(await feed.closed).toBe(1008);
    expect(await agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[SV1] answer once over HTTP, and [ST6] 503 when the node is away", async () => {
    const path = `/api/instances/${instance.id}/logs?offset=3`;
    const answer = api("GET", path);
    const { stream, head } = await agent.nextFrame("open");
    expect(head).toMatchObject({
      kind: "http",
      target: { to: "agent" },
      path: `/instances/${instance.id}/logs?offset=3`,
    });
    agent.reply(stream, 200, [["content-type", "application/json"]], '{"content":"x","offset":3,"size":4}');
    expect(await answer).toEqual({ content: "x", offset: 3, size: 4, next: 4 });
    agent.socket.close(1000);
    await eventually(async () => expect((await hubOf(node).checkLink()).online).toBe(false));
    const away = await worker.fetch(ORIGIN + path, { headers: asKey });
    expect([away.status, await away.json()]).toMatchObject([503, { error: { code: "node_offline" } }]);
    agent = await connect(node.key);
  });
});

describe("the dashboard's files", () => {
  it("carry their policy on the dashboard's host", async () => {
    for (const path of ["/", "/nodes", "/favicon.svg"]) {
      const response = await worker.fetch(ORIGIN + path);
      expect(response.status).toBe(200);
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("frame-src http://*.apps.localhost:8787");
      expect(policy).not.toContain("unsafe");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    }
  });

  it("[AC1] are never served on any other host", async () => {
    for (const host of [`${instance.slug}.apps.localhost:8787`, "nobody.apps.localhost:8787", "evil.example"]) {
      for (const path of ["/", "/index.html", "/favicon.svg", "/theme.js"]) {
        const response = await worker.fetch(`http://${host}${path}`, {
          redirect: "manual",
          headers: { Accept: "text/html" },
        });
        expect([303, 401, 421]).toContain(response.status);
        expect(await response.text()).not.toContain("theme.js");
      }
    }
  });
});
