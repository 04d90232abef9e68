import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cutLogs } from "../../../workers/mcp/logs.ts";
import { type Harness, joinNode, makeHarness, makeInstance, makeKey, PRESET_KEY } from "../api/harness.ts";
import { callTool, refusal } from "./client.ts";

const FROM = { "cf-connecting-ip": "203.0.113.7" };
let h: Harness;
let node: { id: string; name: string };
let operator: { id: string; key: string };
let id: string;
let name: string;
let count = 0;

beforeAll(async () => {
  h = await makeHarness();
  node = await joinNode(h, "box");
  operator = await makeKey(h, "operator");
});
beforeEach(async () => {
  name = `Studio ${(count += 1)}`;
  id = await makeInstance(h, node.id, { name });
  await h.env.DB.prepare("DELETE FROM audit").run();
});

async function entries(): Promise<AuditEntry[]> {
  return (await h.send("GET", "/api/audit", { as: PRESET_KEY })).body.items as unknown as AuditEntry[];
}

const call = (tool: string, args: object) => callTool(h, tool, args, { as: operator.key, headers: FROM });
const shown = async () => (await h.send("GET", `/api/instances/${id}`, { as: PRESET_KEY })).body;

describe("list_nodes", () => {
  it("tells what each machine is, without its policy", async () => {
    const { structuredContent, content } = await call("list_nodes", {});
    expect(structuredContent).toMatchObject({
      items: [{ id: node.id, name: "box", status: "online", gpus: [] }],
      cursor: null,
    });
    expect(JSON.stringify(structuredContent)).not.toContain("policy");
    expect(content[0]?.text).toContain(`1 node:\n- box (${node.id}): online, unknown; no GPU`);
  });
});

describe("instances", () => {
  it("are listed and read by id or by name in any case, as the API shows them", async () => {
    const listed = await call("list_instances", { limit: 100 });
    expect(listed.structuredContent["items"]).toContainEqual(expect.objectContaining({ id, name, status: "stopped" }));
    expect(listed.content[0]?.text).toContain(`- ${name} (${id}): stopped; hello on node ${node.id}; http://`);
    for (const reference of [id, name, name.toUpperCase()]) {
      const { structuredContent } = await call("get_instance", { instance: reference });
      expect(structuredContent).toEqual(await shown());
    }
  });

  it("of which one is gone can be reached by its id only, for its name may be another's", async () => {
    await h.send("DELETE", `/api/instances/${id}`, { as: PRESET_KEY, body: {} });
    expect(await refusal(h, "get_instance", { instance: name })).toMatch(/^not_found/);
    expect((await call("get_instance", { instance: id })).structuredContent).toMatchObject({ desired: "deleted" });
    const next = await makeInstance(h, node.id, { name });
    expect((await call("get_instance", { instance: name })).structuredContent).toMatchObject({ id: next });
    expect(await refusal(h, "start_instance", { instance: id })).toMatch(/^conflict|^not_found/);
  });

  it("show of a secret in their environment only its name", async () => {
    await h.send("POST", "/api/secrets", { as: PRESET_KEY, body: { name: "TOKEN", value: "very secret value" } });
    const env = [{ name: "HF_TOKEN", secret: "TOKEN" }];
    const other = await makeInstance(h, node.id, { env });
    const answer = await call("get_instance", { instance: other });
    expect(answer.structuredContent["env"]).toEqual(expect.arrayContaining([expect.objectContaining(env[0]!)]));
    expect(JSON.stringify(answer)).not.toContain("very secret value");
  });
});

describe("start, stop and restart", () => {
  it("change what is wanted, tell the node, and answer how it stands", async () => {
    h.calls.length = 0;
    const started = await call("start_instance", { instance: name });
    expect(started.structuredContent).toMatchObject({ id, name, desired: "running", status: "installing" });
    expect(started.content[0]?.text).toContain(`${name} (${id}): installing`);
    expect(h.calls).toContainEqual({ object: node.id, method: "poke", argument: undefined });
    const generation = (await shown())["generation"];
    await call("start_instance", { instance: id });
    expect((await shown())["generation"]).toBe(generation);
    await call("restart_instance", { instance: id });
    expect((await shown())["generation"]).toBeGreaterThan(Number(generation));
    expect((await call("stop_instance", { instance: id })).structuredContent).toMatchObject({ desired: "stopped" });
  });

  it("are recorded with who, what, when and from where, in the API's words and as what they came through", async () => {
    for (const action of ["start", "restart", "stop", "open"]) {
      const before = Date.now();
      await call(`${action}_instance`, { instance: name });
      const [entry] = await entries();
      expect(entry).toEqual({
        id: expect.stringMatching(/^au_/),
        at: expect.any(String),
        actor: { type: "key", id: operator.id, name: "operator key" },
        ...{ action, entity: "instance", entityId: id, entityName: name, from: "203.0.113.7", detail: "via: mcp" },
      });
      expect(Date.parse(entry?.at ?? "")).toBeGreaterThanOrEqual(before);
    }
    expect(await entries()).toHaveLength(4);
  });

  it("that were refused, and all that only reads, leave no entry", async () => {
    await refusal(h, "start_instance", { instance: "nothing" });
    await refusal(h, "stop_instance", { instance: id, force: true });
    await call("get_instance", { instance: id });
    await call("list_instances", {});
    expect(await entries()).toEqual([]);
  });
});

describe("open_instance", () => {
  it("answers a URL for one use that belongs to the key, and keeps it out of the audit log", async () => {
    h.calls.length = 0;
    const { structuredContent, content } = await call("open_instance", { instance: name });
    const { slug } = await shown();
    expect(structuredContent).toEqual({
      ...{ id, name, status: "stopped" },
      url: `http://${slug}.apps.localhost:8787/__roundhouse/open?ticket=rht_ticket`,
    });
    expect(content[0]?.text).toMatch(/^http:\S+ticket=rht_ticket\nIt works once/);
    const ticket = h.calls.find(({ method }) => method === "issueTicket");
    expect(ticket?.argument).toMatchObject({ instanceId: id, keyId: operator.id });
    expect(JSON.stringify(await entries())).not.toContain("rht_ticket");
    expect(await refusal(h, "open_instance", { instance: name, port: "nope" })).toMatch(/^not_found/);
  });
});

describe("read_instance_log", () => {
  const LOG = "äöü line\n".repeat(2000);

  /** As an agent does: whole characters of at most 64 KiB from the offset on. */
  function answer(url: URL): Response {
    const bytes = new TextEncoder().encode(LOG);
    const asked = Number(url.searchParams.get("offset"));
    const offset = asked < 0 ? Math.max(0, bytes.length + asked) : asked;
    const part = bytes.slice(offset, offset + 65_536);
    const content = new TextDecoder().decode(part);
    return Response.json({ content, offset, size: bytes.length, next: offset + part.length });
  }

  it("answers the end of the log, and says where it goes on", async () => {
    h.agent.answer = answer;
    const { structuredContent, content } = await call("read_instance_log", { instance: name, limit: 1000 });
    const size = new TextEncoder().encode(LOG).length;
    expect(structuredContent).toMatchObject({ offset: size - 1000, size, next: size });
    expect(content[0]?.text).toContain(`\n[bytes ${size - 1000} to ${size} of ${size}: this is its end`);
  });

  it("can be read from its beginning to its end in pieces, of which none is too long or lost", async () => {
    h.agent.answer = answer;
    let read = "";
    let offset = 0;
    for (;;) {
      const { structuredContent, content } = await call("read_instance_log", { instance: id, offset, limit: 5000 });
      const piece = structuredContent as unknown as { content: string; next: number; size: number };
      expect(new TextEncoder().encode(piece.content).length).toBeLessThanOrEqual(5000);
      expect(content[0]?.text).toContain(piece.next < piece.size ? `read on with offset ${piece.next}` : "its end");
      read += piece.content;
      offset = piece.next;
      if (piece.next === piece.size) break;
    }
    expect(read).toBe(LOG);
  });

  it("loses nothing behind bytes that are no text", () => {
    const raw = new Uint8Array([
      ...new TextEncoder().encode("ab"),
      0xff,
      0xfe,
      ...new TextEncoder().encode("cd".repeat(200)),
    ]);
    const logs = { content: new TextDecoder().decode(raw), offset: 10, size: 500, next: 10 + raw.length };
    const cut = cutLogs(logs, 256);
    const next = new TextDecoder().decode(raw.slice(cut.next - 10));
    expect(cut.content + next).toBe(logs.content);
  });

  it("takes no limit that would not fit into an answer", async () => {
    expect(await refusal(h, "read_instance_log", { instance: id, limit: 100_000 })).toContain("at most 30000");
  });
});
