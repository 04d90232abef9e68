import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, joinNode, makeHarness, makeInstance, PRESET_KEY } from "./harness.ts";

let h: Harness;
let node: { id: string; name: string };
let parent: string;
let made = 0;
beforeAll(async () => {
  h = await makeHarness();
});
beforeEach(async () => {
  node = await joinNode(h);
  made += 1;
  parent = await makeInstance(h, node.id, { name: `Parent ${made}` });
});

const as = PRESET_KEY;
const satellite = (id: string, body: Record<string, unknown>) =>
  h.send("POST", `/api/instances/${id}/satellite`, { as, body });

describe("a satellite", () => {
  it("has its parent's node and blueprint, and a name, URL, port and GPUs of its own", async () => {
    h.calls.length = 0;
    const answer = await satellite(parent, { name: `Second ${made}`, port: 19007, gpuIds: ["GPU-1"] });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      ...{ parent, node: node.id, blueprint: "hello", slug: `second-${made}`, port: 19007, gpuIds: ["GPU-1"] },
      ...{ autostart: false, outputPath: null, status: "stopped" },
    });
    expect(h.calls).toContainEqual({ object: node.id, method: "poke", argument: undefined });
  });

  it("has no satellite, and says whose to make instead", async () => {
    const { id } = (await satellite(parent, { name: `Only child ${made}` })).body;
    const refused = await satellite(id, { name: "grandchild" });
    expect([refused.status, refused.body.error.code]).toEqual([409, "is_satellite"]);
    expect(refused.body.error.hint).toContain(`"Parent ${made}"`);
  });

  it("keeps what is its parent's, and changes what is its own", async () => {
    const { id } = (await satellite(parent, { name: `Child ${made}` })).body;
    for (const body of [{ outputPath: "elsewhere" }, { pythonVersion: "3.12" }, { cudaVersion: "12.8" }]) {
      const refused = await h.send("PATCH", `/api/instances/${id}`, { as, body });
      const [[field, value] = []] = Object.entries(body);
      expect([refused.status, refused.body.error.code]).toEqual([409, "is_satellite"]);
      expect(refused.body.error.message).toBe(`${field}: ${JSON.stringify(value)} cannot be set on a satellite.`);
    }
    const changed = await h.send("PATCH", `/api/instances/${id}`, { as, body: { port: 19008, outputPath: null } });
    expect(changed.body).toMatchObject({ port: 19008, outputPath: null });
  });

  it("keeps its parent from being deleted", async () => {
    await satellite(parent, { name: `Keeper ${made}` });
    const refused = await h.send("DELETE", `/api/instances/${parent}`, { as, body: { mode: "trash" } });
    expect([refused.status, refused.body.error.code]).toEqual([409, "has_satellites"]);
    expect(refused.body.error.details).toEqual({ satellites: [`Keeper ${made}`] });
  });

  it("is not made of what is being deleted, nor under a name or port that is taken", async () => {
    const taken = await satellite(parent, { name: `parent ${made}` });
    expect([taken.status, taken.body.error.code]).toEqual([409, "name_taken"]);
    const outside = await satellite(parent, { name: `Port ${made}`, port: 80 });
    expect(outside.body.error.code).toBe("port_out_of_range");
    await h.send("DELETE", `/api/instances/${parent}`, { as });
    const late = await satellite(parent, { name: `Late ${made}` });
    expect([late.status, late.body.error.code]).toEqual([404, "not_found"]);
  });

  it("and its parent's end exclude each other, whichever comes first", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const id = await makeInstance(h, node.id, { name: `Racer ${made}-${index}` });
        const [born, ended] = await Promise.all([
          satellite(id, { name: `Rival ${made}-${index}` }),
          h.send("DELETE", `/api/instances/${id}`, { as }),
        ]);
        const left = (await h.send("GET", "/api/instances?limit=500", { as })).body.items;
        const orphan = left.some((one) => one["parent"] === id) && ended.status === 202;
        return { born: born.status === 201, ended: ended.status === 202, orphan };
      }),
    );
    for (const { born, ended, orphan } of outcomes) {
      expect(orphan).toBe(false);
      expect(born && ended).toBe(false);
    }
  });
});
