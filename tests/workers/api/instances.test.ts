import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { writeObserved } from "../../../workers/services/instance/observed.ts";
import { type Harness, joinNode, makeHarness, makeInstance, makeKey, PRESET_KEY } from "./harness.ts";

let h: Harness;
let node: { id: string; name: string };
let seq = 0;
beforeAll(async () => {
  h = await makeHarness();
});
beforeEach(async () => {
  node = await joinNode(h);
});

const as = PRESET_KEY;
const create = (body: Record<string, unknown>) => h.send("POST", "/api/instances", { as, body });
const get = async (id: string) => (await h.send("GET", `/api/instances/${id}`, { as })).body as Record<string, unknown>;
const act = async (id: string, verb: string) => {
  const answer = await h.send("POST", `/api/instances/${id}/${verb}`, { as });
  return { status: answer.status, body: answer.body as Record<string, unknown> };
};
const epochOf = async (id: string) => {
  const row = await h.env.DB.prepare("SELECT epoch FROM instances WHERE id = ?").bind(id).first<{ epoch: number }>();
  return row?.epoch;
};

/** The node reports about the instance as it is wanted now. */
async function report(id: string, change: Partial<ObservedInstance>): Promise<string[]> {
  const row = await h.env.DB.prepare("SELECT generation, epoch FROM instances WHERE id = ?")
    .bind(id)
    .first<{ generation: number; epoch: number }>();
  const observed: ObservedInstance = {
    ...{ id, generation: row?.generation ?? 0, epoch: row?.epoch ?? null, status: "started" },
    ...{ since: "2026-11-20T10:00:00.000Z", reason: null, pid: 1, port: null, exitCode: null, signal: null },
    ...{ startedAt: null, lastLines: [], diskBytes: null, ports: [], exposed: [], lapsed: false, ...change },
  };
  return writeObserved(h.db, node.id, (seq += 1), [observed]);
}

describe("creating an instance", () => {
  it("answers it with its slug and URL, and hints to node and dashboards", async () => {
    h.calls.length = 0;
    const made = await create({ name: "My App 2", blueprint: "Hello", node: node.name.toUpperCase(), port: 19005 });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...{ name: "My App 2", slug: "my-app-2", blueprint: "hello", node: node.id, parent: null, status: "stopped" },
      ...{ desired: "stopped", port: 19005, url: "http://my-app-2.apps.localhost:8787", restartPolicy: "never" },
    });
    expect(h.calls).toContainEqual({ object: node.id, method: "poke", argument: undefined });
    const event = { type: "feed.changed", entity: "instance", id: made.body.id };
    expect(h.calls).toContainEqual({ object: "feed", method: "publish", argument: [event] });
  });

  it("gives another slug when the first is taken", async () => {
    await create({ name: "Dup!", blueprint: "hello", node: node.id });
    expect((await create({ name: "Dup?", blueprint: "hello", node: node.id })).body).toMatchObject({ slug: "dup-2" });
  });

  it("refuses what cannot be, each with its code and hint, and leaves nothing behind", async () => {
    await create({ name: "Here First", blueprint: "hello", node: node.id, port: 19001 });
    const rows = async () => (await h.env.DB.prepare("SELECT count(*) AS n FROM instances").first<{ n: number }>())?.n;
    const before = await rows();
    const base = { name: "fresh", blueprint: "hello", node: node.id };
    const cases: [Record<string, unknown>, number, string, RegExp][] = [
      [{ name: "here FIRST" }, 409, "name_taken", /Here First/],
      [{ blueprint: "nothing" }, 400, "unknown_blueprint", /"nothing"/],
      [{ node: "nowhere" }, 400, "unknown_node", /"nowhere"/],
      [{ port: 80 }, 400, "port_out_of_range", /80/],
      [{ port: 19021 }, 400, "port_out_of_range", /19021/],
      [{ port: 19001 }, 409, "port_taken", /19001.*"Here First"/],
      [{ name: "" }, 400, "invalid_input", /^name: ""/],
      [{ name: ".." }, 400, "invalid_input", /^name: "\.\."/],
      [{ name: "a\u0000b" }, 400, "invalid_input", /^name: "a\\u0000b"/],
      [{ name: "two\nlines" }, 400, "invalid_input", /^name: "two\\nlines"/],
      [{ port: "80" }, 400, "invalid_input", /^port: "80"/],
      [{ gpuIds: [1] }, 400, "invalid_input", /^gpuIds\.0: 1/],
      [{ outputPath: "../up" }, 400, "invalid_input", /outputPath.*relative folder/],
      [{ node: undefined }, 400, "invalid_input", /^node: missing/],
    ];
    for (const [change, status, code, message] of cases) {
      const answer = await create({ ...base, ...change });
      expect([answer.status, answer.body.error.code]).toEqual([status, code]);
      expect(answer.body.error.message).toMatch(message);
      expect(answer.body.error.hint).toBeTruthy();
    }
    expect((await create({ ...base, port: 80 })).body.error.hint).toContain("19001 to 19020");
    expect(await rows()).toBe(before);
  });

  it("refuses a port that another instance was given by the node", async () => {
    const id = await makeInstance(h, node.id, { name: "Observed" });
    await report(id, { port: 19007 });
    const answer = await create({ name: "late", blueprint: "hello", node: node.id, port: 19007 });
    expect([answer.body.error.code, answer.body.error.message]).toEqual([
      "port_taken",
      expect.stringContaining('"Observed"'),
    ]);
  });

  it("lets one of many win a name and a port", async () => {
    const many = await Promise.all(
      Array.from({ length: 4 }, () => create({ name: "race", blueprint: "hello", node: node.id, port: 19009 })),
    );
    expect(many.map((answer) => answer.status).toSorted()).toEqual([201, 409, 409, 409]);
    const slugs = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        create({ name: `Same${".".repeat(index)}`, blueprint: "hello", node: node.id }),
      ),
    );
    expect(slugs.map((answer) => answer.status)).toEqual([201, 201, 201, 201]);
  });

  it("refuses a node that is full", async () => {
    const copy = `INSERT INTO instances (id, name, slug, node_id, blueprint_name, blueprint_kind, blueprint_digest, gpu_ids, autostart,
      restart_policy, desired, epoch, generation, changed_at, created_at)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 399)
      SELECT id || i, name || i, slug || i, node_id, blueprint_name, blueprint_kind, blueprint_digest, gpu_ids, autostart,
      restart_policy, desired, epoch, generation, changed_at, created_at FROM instances, n WHERE id = ?`;
    const id = await makeInstance(h, node.id);
    await h.env.DB.prepare(copy).bind(id).run();
    const answer = await create({ name: "one too many", blueprint: "hello", node: node.id });
    expect([answer.status, answer.body.error.code]).toEqual([409, "node_full"]);
    await h.env.DB.prepare("DELETE FROM nodes WHERE id = ?").bind(node.id).run();
  });
});

describe("starting and stopping", () => {
  it("shows at once what was asked, before the node answered", async () => {
    const id = await makeInstance(h, node.id);
    const started = await act(id, "start");
    expect([started.status, started.body["status"], started.body["desired"]]).toEqual([202, "installing", "running"]);
    await report(id, { status: "started" });
    expect((await get(id))["status"]).toBe("started");
    expect((await act(id, "stop")).body["status"]).toBe("stopping");
    await report(id, { status: "stopped" });
    expect((await get(id))["status"]).toBe("stopped");
    expect((await act(id, "start")).body["status"]).toBe("starting");
  });

  it("changes nothing when it is started twice", async () => {
    const id = await makeInstance(h, node.id);
    const first = await act(id, "start");
    h.calls.length = 0;
    const second = await act(id, "start");
    expect(second.body["generation"]).toBe(first.body["generation"]);
    expect(h.calls).toEqual([]);
    await report(id, { status: "installing" });
    await act(id, "start");
    expect(await epochOf(id)).toBe(1);
  });

  it("is a new launch after the app died, and once only however often it is asked", async () => {
    const id = await makeInstance(h, node.id, { start: true });
    await report(id, { status: "error", exitCode: 3, lastLines: ["boom"] });
    expect(await get(id)).toMatchObject({ status: "error", exitCode: 3, lastLines: ["boom"] });
    await Promise.all([act(id, "start"), act(id, "start"), act(id, "start")]);
    expect(await epochOf(id)).toBe(2);
  });

  it("is a new launch each time it is restarted, also many at once", async () => {
    const id = await makeInstance(h, node.id, { start: true });
    const answers = await Promise.all(Array.from({ length: 3 }, () => act(id, "restart")));
    const accepted = answers.filter((answer) => answer.status === 202).length;
    expect(answers.every((answer) => answer.status === 202 || answer.status === 409)).toBe(true);
    expect(await epochOf(id)).toBe(1 + accepted);
  });

  it("answers conflict when others keep changing the same instance", async () => {
    const id = await makeInstance(h, node.id);
    const trigger = `CREATE TRIGGER busy BEFORE UPDATE OF desired ON instances BEGIN SELECT RAISE(IGNORE); END`;
    await h.env.DB.prepare(trigger).run();
    const answer = await act(id, "start");
    await h.env.DB.prepare("DROP TRIGGER busy").run();
    expect([answer.status, (answer.body["error"] as { code: string }).code]).toEqual([409, "conflict"]);
  });

  it("is unreachable while its node is offline, unless nothing ever happened", async () => {
    const touched = await makeInstance(h, node.id, { start: true });
    const untouched = await makeInstance(h, node.id);
    await h.env.DB.prepare("UPDATE nodes SET online = 0 WHERE id = ?").bind(node.id).run();
    expect((await get(touched))["status"]).toBe("unreachable");
    expect((await get(untouched))["status"]).toBe("stopped");
  });
});

describe("changing an instance", () => {
  it("makes a new generation only for a real change, and the URL follows the name", async () => {
    const id = await makeInstance(h, node.id, { name: "Before" });
    const patch = (body: unknown) => h.send("PATCH", `/api/instances/${id}`, { as, body });
    const renamed = await patch({ name: "After", autostart: true, gpuIds: ["0"], port: 19011 });
    expect(renamed.body).toMatchObject({
      name: "After",
      slug: "after",
      outputPath: "Before",
      autostart: true,
      gpuIds: ["0"],
      port: 19011,
      generation: 2,
    });
    expect((await patch({ name: "After", gpuIds: ["0"] })).body).toMatchObject({ generation: 2 });
    expect((await patch({ port: null })).body).toMatchObject({ port: null, generation: 3 });
  });

  it("refuses a name or port of another instance", async () => {
    await makeInstance(h, node.id, { name: "Holder", port: 19012 });
    const id = await makeInstance(h, node.id);
    const patch = async (body: unknown) => (await h.send("PATCH", `/api/instances/${id}`, { as, body })).body.error;
    expect((await patch({ name: "HOLDER" })).code).toBe("name_taken");
    expect(await patch({ port: 19012 })).toMatchObject({
      code: "port_taken",
      message: expect.stringContaining("Holder"),
    });
    expect((await patch({ port: 1 })).code).toBe("port_out_of_range");
  });
});

describe("deleting an instance", () => {
  it("leaves a tombstone that frees the name and port at once, and ends its streams", async () => {
    const id = await makeInstance(h, node.id, { name: "Doomed", port: 19013 });
    h.calls.length = 0;
    const answer = await h.send("DELETE", `/api/instances/${id}`, { as, body: { mode: "permanent" } });
    expect([answer.status, answer.body["desired"]]).toEqual([202, "deleted"]);
    expect(h.calls).toContainEqual({ object: node.id, method: "revoke", argument: { by: "instance", instanceId: id } });
    expect((await h.send("DELETE", `/api/instances/${id}`, { as })).status).toBe(202);
    for (const verb of ["start", "stop", "restart", "open"]) expect((await act(id, verb)).status).toBe(404);
    const again = await create({ name: "Doomed", blueprint: "hello", node: node.id, port: 19013 });
    expect(again.body).toMatchObject({ name: "Doomed", slug: "doomed-2" });
  });

  it("is refused while it has satellites", async () => {
    const id = await makeInstance(h, node.id);
    const satellite = await makeInstance(h, node.id, { name: "Moon" });
    await h.env.DB.prepare("UPDATE instances SET parent_id = ? WHERE id = ?").bind(id, satellite).run();
    const answer = await h.send("DELETE", `/api/instances/${id}`, { as });
    expect(answer.body.error).toMatchObject({ code: "has_satellites", message: expect.stringContaining("Moon") });
  });
});

describe("an instance's app and log", () => {
  it("opens with a ticket that is tied to who asked", async () => {
    const id = await makeInstance(h, node.id, { name: "Openable" });
    const { id: keyId, key } = await makeKey(h, "operator");
    h.calls.length = 0;
    const answer = await h.send("POST", `/api/instances/${id}/open`, { as: key });
    expect(answer.body.url).toBe("http://openable.apps.localhost:8787/__roundhouse/open?ticket=rht_ticket");
    const holder = { userId: null, sessionId: null, keyId, shareId: null, expiresAt: null };
    const argument = { instanceId: id, slug: "openable", path: "/", ...holder };
    expect(h.calls).toEqual([{ object: node.id, method: "issueTicket", argument }]);
  });

  it("reads its log over the link, empty before the first launch", async () => {
    const id = await makeInstance(h, node.id);
    const logs = () => h.send("GET", `/api/instances/${id}/logs?offset=5`, { as });
    h.agent.answer = () => undefined;
    expect((await logs()).body.error.code).toBe("node_offline");
    h.agent.answer = () => new Response("no such instance", { status: 404 });
    expect((await logs()).body).toEqual({ content: "", offset: 0, size: 0, next: 0 });
    const found = { content: `/agent/instances/${id}/logs?offset=5`, offset: 5, size: 99, next: 50 };
    h.agent.answer = (url) => Response.json({ ...found, content: `${url.pathname}${url.search}` });
    expect((await logs()).body).toEqual(found);
    h.agent.answer = () => Response.json({ content: "older é", offset: 5, size: 13 });
    expect((await logs()).body).toEqual({ content: "older é", offset: 5, size: 13, next: 13 });
  });
});

it("lists go page by page, each instance once", async () => {
  for (let count = 0; count < 5; count += 1) await makeInstance(h, node.id);
  const all = (await h.send("GET", "/api/instances", { as })).body.items.map((item) => item["id"]);
  const seen: unknown[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body } = await h.send("GET", `/api/instances?limit=2${query}`, { as });
    seen.push(...body.items.map((item) => item["id"]));
    cursor = body.cursor;
  }
  expect(seen).toEqual(all);
  const bad = await h.send("GET", "/api/instances?cursor=rubbish", { as });
  expect(bad.body.error).toMatchObject({ code: "invalid_input", message: expect.stringContaining("rubbish") });
});

it("metrics count nodes and instances by status", async () => {
  await makeInstance(h, node.id, { start: true });
  const { text, headers } = await h.send("GET", "/metrics", { as });
  expect(headers.get("content-type")).toContain("text/plain");
  expect(text).toMatch(/roundhouse_build_info\{version="[\d.]+"\} 1/);
  expect(text).toMatch(/roundhouse_nodes\{status="online"\} [1-9]/);
  expect(text).toMatch(/roundhouse_instances\{status="installing"\} [1-9]/);
});
