import type { Provider, ProviderTest } from "@roundhouse/protocol/api/provider";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openProvider } from "../../../workers/services/provider/open.ts";
import { connect, type FakeAgent, utf8 } from "./fake-agent.ts";
import { api, db, env, eventually, makeNode, migrate, type TestNode } from "./harness.ts";

const KEY = "sk-canary-0123456789";
const MARK: [string, string] = ["roundhouse-provider", "pv"];
const JSON_HEAD: [string, string][] = [MARK, ["content-type", "application/json"]];

let node: TestNode;
let agent: FakeAgent;
let provider: Provider;
let count = 0;
beforeAll(migrate);
beforeEach(async () => {
  node = await makeNode();
  agent = await connect(node.key);
  const name = `LM Studio ${(count += 1)}`;
  await api("PUT", "/api/secrets/STUDIO_KEY", { value: KEY });
  const baseUrl = "http://127.0.0.1:1234/v1";
  provider = await api("POST", "/api/providers", { name, baseUrl, viaNode: node.id, secret: "STUDIO_KEY" });
});

const test = () => api<ProviderTest>("POST", `/api/providers/${provider.id}/test`);

describe("a provider through a node", () => {
  it("[PV1] is told to the node by id and address, and taken back", async () => {
    const told = await agent.next("control.desired");
    expect(told.providers).toEqual([{ id: provider.id, baseUrl: "http://127.0.0.1:1234/v1" }]);
    await api("PATCH", `/api/providers/${provider.id}`, { baseUrl: "http://127.0.0.1:11434/v1" });
    expect((await agent.next("control.desired")).providers).toMatchObject([{ baseUrl: "http://127.0.0.1:11434/v1" }]);
    const other = await makeNode();
    await api("PATCH", `/api/providers/${provider.id}`, { viaNode: other.id });
    expect((await agent.next("control.desired")).providers).toEqual([]);
    const otherAgent = await connect(other.key);
    await api("DELETE", `/api/providers/${provider.id}`);
    expect((await otherAgent.next("control.desired")).providers).toEqual([]);
  });

  it("[PV2] [PV3] is asked with its key, below its id", async () => {
    const tested = test();
    const { stream, head } = await agent.nextFrame("open");
    expect(head).toMatchObject({ method: "GET", path: `/providers/${provider.id}/models`, target: { to: "agent" } });
    expect(head.headers).toContainEqual(["authorization", `Bearer ${KEY}`]);
    agent.reply(stream, 200, JSON_HEAD, JSON.stringify({ data: [{ id: "qwen" }, { id: "gemma" }] }));
    expect(await tested).toMatchObject({ ok: true, models: [{ id: "gemma" }, { id: "qwen" }] });
  });

  it("[PV4] streams its answer piece by piece, and the request's body before it", async () => {
    const { client } = await openProvider(env, db, provider.name.toUpperCase());
    const asked = client.chat.completions.create({
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "hi" }],
    });
    const { stream } = await agent.nextFrame("open");
    const body = await agent.nextFrame("data", stream);
    expect(JSON.parse(new TextDecoder().decode(body.bytes))).toMatchObject({ model: "m", stream: true });
    await agent.nextFrame("end", stream);
    agent.frame({
      type: "head",
      stream,
      head: { status: 200, headers: [MARK, ["content-type", "text/event-stream"]] },
    });
    const chunks = (await asked)[Symbol.asyncIterator]();
    for (const content of ["one", "two"]) {
      const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content } }] });
      agent.frame({ type: "data", stream, bytes: utf8(`data: ${chunk}\n\n`) });
      expect((await chunks.next()).value).toMatchObject({ choices: [{ delta: { content } }] });
    }
    agent.frame({ type: "data", stream, bytes: utf8("data: [DONE]\n\n") });
    agent.frame({ type: "end", stream });
    expect((await chunks.next()).done).toBe(true);
  });

  it("[PV4] is told when its caller goes away, before and amid its answer", async () => {
    const { client, explain } = await openProvider(env, db, provider.id);
    const controller = new AbortController();
    const ask = { model: "m", stream: true as const, messages: [] };
    const first = client.chat.completions.create(ask, { signal: controller.signal }).catch(explain);
    const before = await agent.nextFrame("open");
    controller.abort();
    expect(await agent.nextFrame("reset", before.stream)).toMatchObject({ code: "cancelled" });
    expect(await first).toMatchObject({ code: "provider_failed" });
    const second = client.chat.completions.create(ask);
    const amid = await agent.nextFrame("open");
    agent.frame({ type: "head", stream: amid.stream, head: { status: 200, headers: [MARK] } });
    (await second).controller.abort();
    expect(await agent.nextFrame("reset", amid.stream)).toMatchObject({ code: "cancelled" });
  });

  it("[PV5] that cannot be reached says why, in the node's words", async () => {
    const tested = test();
    const { stream } = await agent.nextFrame("open");
    const message = "nothing listens at 127.0.0.1:1234 (ECONNREFUSED)";
    agent.frame({ type: "reset", stream, code: "unreachable", message });
    const { ok, message: said } = await tested;
    expect(ok).toBe(false);
    expect(said).toContain(`asked from ${JSON.stringify(node.id)}) cannot be reached: ${message}`);
    expect(said).toContain("See whether it runs");
  });

  it("[PV3] whose node has an agent that knows no providers says so", async () => {
    const tested = test();
    const { stream } = await agent.nextFrame("open");
    agent.reply(stream, 404);
    expect(await tested).toMatchObject({ ok: false, message: expect.stringContaining("Upgrade it") });
  });

  it("whose node is not connected says so", async () => {
    agent.socket.close();
    await eventually(async () => {
      expect(await test()).toMatchObject({ ok: false, message: expect.stringContaining("node does not answer") });
    });
  });

  it("[PV6] outlives its node, and is never reached another way", async () => {
    await api("DELETE", `/api/nodes/${node.id}`);
    expect(await api<Provider>("GET", `/api/providers/${provider.id}`)).toMatchObject({ viaNode: node.id });
    expect(await test()).toMatchObject({ ok: false, message: expect.stringContaining("not in the pool any more") });
    const moved = await api<Provider>("PATCH", `/api/providers/${provider.id}`, { viaNode: null });
    expect(moved.viaNode).toBeNull();
  });
});
