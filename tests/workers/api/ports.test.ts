/** Ports in the API: what may be declared, a node's pool, and what happens when it is used up. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashSecret, newSecret } from "@roundhouse/protocol/ids";
import { readDesired } from "../../../workers/services/instance/desired.ts";
import { type Harness, joinNode, makeHarness, makeInstance, PRESET_KEY } from "./harness.ts";

let h: Harness;
let node: { id: string; name: string };
beforeAll(async () => {
  h = await makeHarness();
});
beforeEach(async () => {
  node = await joinNode(h);
});

const as = PRESET_KEY;
const patchNode = (portPool: unknown) => h.send("PATCH", `/api/nodes/${node.id}`, { as, body: { portPool } });
const portsOfNode = async () => (await h.send("GET", `/api/nodes/${node.id}/ports`, { as })).body;
const start = (id: string) => h.send("POST", `/api/instances/${id}/start`, { as });
const wanted = async (id: string) =>
  (await readDesired(h.db, node.id)).instances.find((instance) => instance.id === id)?.ports;

describe("declared ports", () => {
  const api = { name: "api", port: 8001, env: null };

  it("reach the node, and can be changed", async () => {
    const id = await makeInstance(h, node.id, { ports: [{ name: "api", port: 8001 }] });
    expect(await wanted(id)).toEqual([api]);
    const ports = [{ name: "ui", port: null, env: "UI_PORT" }];
    const patched = await h.send("PATCH", `/api/instances/${id}`, { as, body: { ports } });
    expect(patched.status).toBe(200);
    expect(await wanted(id)).toEqual(ports);
  });

  it("are those of the blueprint when none are given, and a satellite has its parent's", async () => {
    const source = `### AIKORE-METADATA-START ###\n# aikore.name = Two\n# roundhouse.ports = api:8001\n### AIKORE-METADATA-END ###\n`;
    await h.send("POST", "/api/blueprints", { as, body: { name: "two-ports", kind: "bash", source } });
    const id = await makeInstance(h, node.id, { blueprint: "two-ports" });
    expect(await wanted(id)).toEqual([api]);
    const satellite = await h.send("POST", `/api/instances/${id}/satellite`, { as, body: { name: `${id} 2` } });
    expect(await wanted(satellite.body.id)).toEqual([api]);
    expect(await wanted(await makeInstance(h, node.id, { blueprint: "two-ports", ports: [] }))).toEqual([]);
  });

  it("of a blueprint are checked when it is made", async () => {
    const source = `### AIKORE-METADATA-START ###\n# roundhouse.ports = api:8001, main:1\n### AIKORE-METADATA-END ###\n`;
    const refused = await h.send("POST", "/api/blueprints", { as, body: { name: "bad-ports", kind: "bash", source } });
    expect([refused.status, refused.body.error.code]).toEqual([400, "bad_blueprint"]);
    expect(refused.body.error.message).toContain('ports: "main:1"');
  });

  it("are refused with the field that is wrong", async () => {
    for (const [ports, field] of [
      [[{ name: "main", port: 1 }], "ports.0.name"],
      [[{ name: "ui" }], "ports.0.port"],
      [[{ name: "ui", env: "PATH" }], "ports.0.env"],
      [[api, api], "ports.1.name"],
    ] as const) {
      const body = { name: "refused", blueprint: "hello", node: node.id, ports };
      const refused = await h.send("POST", "/api/instances", { as, body });
      expect([refused.status, refused.body.error.code]).toEqual([400, "invalid_input"]);
      expect(refused.body.error.message).toContain(field);
    }
  });
});

describe("a node's pool", () => {
  it("is given by whoever joins, and is the usual one otherwise", async () => {
    expect(await portsOfNode()).toMatchObject({ first: 19001, last: 19020, taken: [] });
    const token = await h.send("POST", "/api/join-tokens", { as, body: {} });
    const joined = await h.send("POST", "/api/join", {
      as: token.body.token,
      body: { keyHash: await hashSecret(newSecret("nodeKey")), name: "small", portPool: { first: 9001, last: 9002 } },
    });
    const { body } = await h.send("GET", `/api/nodes/${joined.body.id}/ports`, { as });
    expect(body).toEqual({ first: 9001, last: 9002, free: [9001, 9002], taken: [] });
  });

  it("says which ports are free, and who has the others", async () => {
    const id = await makeInstance(h, node.id, { port: 19002 });
    await patchNode({ first: 19001, last: 19003 });
    expect(await portsOfNode()).toEqual({
      ...{ first: 19001, last: 19003, free: [19001, 19003] },
      taken: [{ port: 19002, instance: id, name: expect.any(String) }],
    });
  });

  it("reaches the node when it is changed", async () => {
    h.calls.length = 0;
    expect((await patchNode({ first: 9001, last: 9020 })).body).toMatchObject({
      portPool: { first: 9001, last: 9020 },
    });
    expect((await readDesired(h.db, node.id)).portPool).toEqual({ first: 9001, last: 9020 });
    expect(h.calls).toContainEqual({ object: node.id, method: "poke", argument: undefined });
  });

  it("is refused with the field and the value that are wrong", async () => {
    for (const [pool, words] of [
      [{ first: 80, last: 90 }, "portPool.first: 80"],
      [{ first: 9001, last: 70_000 }, "portPool.last: 70000"],
      [{ first: 9002, last: 9001 }, 'portPool: {"first":9002,"last":9001}'],
      [{ first: 9001, last: 10_001 }, "1000 ports at most"],
    ] as const) {
      const refused = await patchNode(pool);
      expect(refused.status).toBe(400);
      expect(refused.body.error.message).toContain(words);
    }
    expect((await patchNode({ first: 9001, last: 10_000 })).status).toBe(200);
  });

  it("never leaves out a port that somebody fixed: the answer names whose it is", async () => {
    const id = await makeInstance(h, node.id, { port: 19007 });
    const refused = await patchNode({ first: 19010, last: 19020 });
    expect([refused.status, refused.body.error.code]).toEqual([400, "port_out_of_range"]);
    expect(refused.body.error.message).toContain("(19007)");
    expect(refused.body.error.details).toMatchObject({ instances: [{ id, port: 19007 }] });
    expect((await patchNode({ first: 19007, last: 19007 })).status).toBe(200);
  });
});

describe("a pool that is used up", () => {
  it("refuses one more start, and says which pool, how many use it and what to do", async () => {
    await patchNode({ first: 19001, last: 19002 });
    await makeInstance(h, node.id, { start: true });
    const second = await makeInstance(h, node.id, { start: true });
    const third = await makeInstance(h, node.id);
    for (const refused of [
      await start(third),
      await h.send("POST", `/api/instances/${third}/restart`, { as }),
      await h.send("POST", "/api/instances", {
        as,
        body: { name: "no", blueprint: "hello", node: node.id, start: true },
      }),
    ]) {
      expect([refused.status, refused.body.error.code]).toEqual([409, "port_pool_empty"]);
      expect(refused.body.error.message).toContain("2 running instances use all 2 from 19001 to 19002");
      expect(refused.body.error.hint).toContain('"last": 19004');
    }
    // Whoever runs already is not in its own way, and a port that was left is free again.
    expect((await start(second)).status).toBe(202);
    expect((await h.send("POST", `/api/instances/${second}/restart`, { as })).status).toBe(202);
    await h.send("POST", `/api/instances/${second}/stop`, { as });
    expect((await start(third)).status).toBe(202);
  });
});
