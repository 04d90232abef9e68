/** Who may have a shell on a node, and what passes between a person's socket and its agent (SPEC TM1). */
import { beforeAll, describe, expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { connect, type FakeAgent, observedOf } from "../objects/fake-agent.ts";
import { api, makeInstance, makeNode, migrate, PRESET_KEY, type TestNode } from "../objects/harness.ts";
import { ORIGIN, worker } from "../objects/worker.ts";
import { callHeaders, dial, dialAgent, Feed, signInAs, socketHeaders } from "./client.ts";

const asKey = { Authorization: `Bearer ${PRESET_KEY}` };
let node: TestNode;
let agent: FakeAgent;
let instance: Instance;
beforeAll(async () => {
  await migrate();
  await signInAs("admin");
  node = await makeNode();
  instance = await makeInstance(node);
  agent = await connect(node.key, { instances: [observedOf(instance.id)] });
});

const socket = () => `/api/instances/${instance.id}/terminal`;
const text = (bytes: Uint8Array | ArrayBuffer) => new TextDecoder().decode(bytes);
const list = (headers: Record<string, string>) =>
  worker.fetch(`${ORIGIN}/api/instances/${instance.id}/terminals`, { headers });

describe("[TM1] a terminal", () => {
  it("is not for viewers, strangers, foreign pages and nodes, not even to look at", async () => {
    const viewer = await signInAs("viewer");
    const operator = await signInAs("operator");
    const { Origin: _none, ...noOrigin } = socketHeaders(operator);
    const refused: [number, Record<string, string>][] = [
      [403, socketHeaders(viewer)],
      [403, { ...socketHeaders(operator), Origin: "http://hello.apps.localhost:8787" }],
      [403, noOrigin],
      [403, { Authorization: `Bearer ${node.key}` }],
      [401, {}],
      [401, { ...socketHeaders(operator), "Sec-WebSocket-Protocol": "roundhouse.v1, proof.wrong" }],
      [401, { Authorization: "Bearer rhk_nobody" }],
    ];
    for (const [status, headers] of refused) {
      const answer = await dial(socket(), headers);
      expect([headers, answer.status, answer.webSocket]).toEqual([headers, status, null]);
    }
    expect((await list(callHeaders(viewer))).status).toBe(403);
  });

  it("carries what an operator types, and what is printed, with all of its address", async () => {
    const operator = await signInAs("operator");
    const path = `${socket()}?terminal=my%20build&cols=90&rows=30&ack=1`;
    const { response, head, stream } = await dialAgent(agent, path, socketHeaders(operator), "roundhouse.v1");
    expect(head).toMatchObject({ kind: "websocket", target: { to: "agent" } });
    expect(head.path).toBe(`/instances/${instance.id}/terminal?terminal=my%20build&cols=90&rows=30&ack=1`);
    expect(JSON.stringify(head)).not.toContain("proof.");
    const feed = new Feed(response);
    feed.socket.send("typed");
    expect(text((await agent.nextFrame("message", stream)).bytes)).toBe("typed");
    agent.frame({ type: "message", stream, text: false, more: false, bytes: new TextEncoder().encode("printed") });
    expect(text((await feed.next()) as ArrayBuffer)).toBe("printed");
  });

  it("is in the audit log with whoever opened it", async () => {
    const operator = await signInAs("operator");
    await dialAgent(agent, socket(), socketHeaders(operator), "roundhouse.v1");
    const { items } = await api<{ items: unknown[] }>("GET", `/api/audit?entity=instance&entityId=${instance.id}`);
    const actor = { type: "user", name: expect.stringContaining("@") };
    expect(items[0]).toMatchObject({ action: "open-terminal", entityName: instance.name, actor });
  });

  it("is not there on a node that is away, an instance that is not, and an agent that is too old", async () => {
    expect((await dial("/api/instances/in_nothing/terminal", asKey)).status).toBe(404);
    const away = await makeInstance(await makeNode());
    expect((await dial(`/api/instances/${away.id}/terminal`, asKey)).status).toBe(503);
    const asked = dial(socket(), asKey);
    const { stream } = await agent.nextFrame("open");
    agent.frame({ type: "reply", stream, head: { status: 404, headers: [] }, body: new Uint8Array() });
    expect([(await asked).status, await (await asked).json()]).toMatchObject([409, { error: { code: "conflict" } }]);
  });
});

describe("the terminals of an instance", () => {
  it("are listed as their node has them", async () => {
    const asked = list(asKey);
    const { stream, head } = await agent.nextFrame("open");
    expect([head.method, head.path]).toEqual(["GET", `/instances/${instance.id}/terminals`]);
    const items = [
      { id: "tm_1", name: "main", cols: 80, rows: 24, watchers: 1, createdAt: "2026-01-01T00:00:00.000Z" },
    ];
    const body = new TextEncoder().encode(JSON.stringify({ items, cursor: null }));
    agent.frame({ type: "reply", stream, head: { status: 200, headers: [] }, body });
    expect(await (await asked).json()).toEqual({ items, cursor: null });
  });

  it.each([
    [204, 204],
    [404, 404],
  ])("are closed by their node, whose %i is answered with %i", async (said, status) => {
    const asked = worker.fetch(`${ORIGIN}/api/instances/${instance.id}/terminals/tm_1`, {
      method: "DELETE",
      headers: asKey,
    });
    const { stream, head } = await agent.nextFrame("open");
    expect([head.method, head.path]).toEqual(["DELETE", `/instances/${instance.id}/terminals/tm_1`]);
    agent.frame({ type: "reply", stream, head: { status: said, headers: [] }, body: new Uint8Array() });
    expect((await asked).status).toBe(status);
  });
});
