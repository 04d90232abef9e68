/** A launch is refused before it begins when its node lacks what the blueprint needs. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Facts } from "@roundhouse/protocol/facts";
import { factsOf } from "../objects/fake-agent.ts";
import { type Harness, joinNode, makeHarness, PRESET_KEY } from "./harness.ts";

const GIB = 1024 ** 3;
const SOURCE = `### AIKORE-METADATA-START ###
# aikore.name = Heavy
# aikore.needs_gpu_memory = 8GiB
# aikore.needs_disk = 20GiB
### AIKORE-METADATA-END ###
echo hi
`;
let h: Harness;
let node: { id: string; name: string };
const as = PRESET_KEY;
let count = 0;

beforeAll(async () => {
  h = await makeHarness();
  await h.send("POST", "/api/blueprints", { as, body: { name: "heavy", kind: "bash", source: SOURCE } });
});
beforeEach(async () => {
  node = await joinNode(h, `box ${(count += 1)}`);
  h.agent.answer = () => undefined;
});

async function setFacts(gpuGib: number, freeGib: number): Promise<void> {
  const gpus = [{ index: 0, id: "GPU-0", vendor: "nvidia" as const, name: "Card", memoryTotalBytes: gpuGib * GIB }];
  const facts: Facts = { ...factsOf("m"), gpus, disk: { path: "/", totalBytes: 100 * GIB, freeBytes: freeGib * GIB } };
  await h.env.DB.prepare("UPDATE nodes SET facts = ? WHERE id = ?").bind(JSON.stringify(facts), node.id).run();
}
const create = (extra: Record<string, unknown> = {}) =>
  h.send("POST", "/api/instances", {
    as,
    body: { name: `heavy ${(count += 1)}`, blueprint: "heavy", node: node.id, ...extra },
  });
const act = (id: string, verb: string) => h.send("POST", `/api/instances/${id}/${verb}`, { as });
const sampleOf = (freeGib: number) => ({
  at: "2026-01-01T00:00:00.000Z",
  cpuPercent: 1,
  memoryUsedBytes: 1,
  diskFreeBytes: freeGib * GIB,
  gpus: [],
});

describe("[RC8] what a node lacks", () => {
  it("refuses a creation with a start, naming every lack, and leaves nothing behind", async () => {
    await setFacts(6, 10);
    const answer = await create({ start: true });
    expect([answer.status, answer.body.error]).toEqual([
      409,
      {
        code: "node_lacks",
        message:
          `heavy cannot run on "${node.name}": it needs 8 GiB of GPU memory; the largest GPU there has 6 GiB, ` +
          "and needs 20 GiB of free disk space; 10 GiB are free there.",
        hint: expect.any(String),
        details: [
          { need: "gpu_memory", wanted: "8 GiB of GPU memory", found: "the largest GPU there has 6 GiB" },
          { need: "disk", wanted: "20 GiB of free disk space", found: "10 GiB are free there" },
        ],
      },
    ]);
    const held = await h.env.DB.prepare("SELECT id FROM instances WHERE node_id = ?").bind(node.id).all();
    expect(held.results).toEqual([]);
  });

  it("refuses a start and a restart, and lets everything else be", async () => {
    await setFacts(6, 30);
    const made = await create();
    expect(made.status).toBe(201);
    for (const verb of ["start", "restart"]) {
      const answer = await act(made.body.id, verb);
      expect([verb, answer.status, answer.body.error.code]).toEqual([verb, 409, "node_lacks"]);
    }
    expect((await act(made.body.id, "stop")).status).toBe(202);
    await setFacts(24, 30);
    expect((await act(made.body.id, "start")).status).toBe(202);
    // It runs, or is on its way: a start changes nothing, whatever became of the node.
    await setFacts(6, 30);
    expect((await act(made.body.id, "start")).status).toBe(202);
  });

  it("counts the space that the node has now, and what the installation takes already", async () => {
    await setFacts(24, 10);
    h.agent.answer = (url) => (url.pathname === "/agent/stats" ? Response.json({ items: [sampleOf(25)] }) : undefined);
    const made = await create({ start: true });
    expect(made.status).toBe(201);
    h.agent.answer = () => Response.json({ items: [sampleOf(15)] });
    expect((await act(made.body.id, "restart")).body.error.message).toContain("15 GiB are free");
    const report = JSON.stringify({ diskBytes: 8 * GIB });
    await h.env.DB.prepare("UPDATE instances SET observed = ? WHERE id = ?").bind(report, made.body.id).run();
    expect((await act(made.body.id, "restart")).status).toBe(202);
    h.agent.answer = () => Response.json({ items: [sampleOf(1)] });
    await h.env.DB.prepare("UPDATE instances SET first_started_at = 1 WHERE id = ?").bind(made.body.id).run();
    expect((await act(made.body.id, "restart")).status).toBe(202);
  });

  it("refuses nothing on a node that never told its facts", async () => {
    expect((await create({ start: true })).status).toBe(201);
  });

  it("is shown by the catalogue, and a need that makes no sense is refused with it", async () => {
    const { body } = await h.send("GET", "/api/blueprints/heavy", { as });
    expect(body).toMatchObject({ needs: { gpu: null, gpuMemoryBytes: 8 * GIB, diskBytes: 20 * GIB, docker: false } });
    const source = SOURCE.replace("8GiB", "plenty");
    const bad = await h.send("POST", "/api/blueprints", { as, body: { name: "bad", kind: "bash", source } });
    expect([bad.status, bad.body.error]).toMatchObject([
      400,
      { code: "bad_blueprint", message: expect.stringContaining('needs_gpu_memory: "plenty" is not a size') },
    ]);
  });

  it("is an engine for containers, which the catalogue says of them", async () => {
    await setFacts(6, 10);
    const blueprint = "in-a-container";
    const made = await h.send("POST", "/api/blueprints", {
      as,
      body: { name: blueprint, kind: "container", source: "image: app:1\ntitle: In a container\n" },
    });
    expect(made.body).toMatchObject({ title: "In a container", kind: "container", needs: { docker: true, gpu: null } });
    const { status, body } = await create({ blueprint, start: true });
    expect([status, body.error]).toMatchObject([
      409,
      { code: "node_lacks", message: expect.stringContaining("Docker") },
    ]);
  });
});
