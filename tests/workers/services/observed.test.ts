import * as fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NodeStatus, ObservedInstance } from "@roundhouse/protocol/instance";
import { readDesired } from "../../../workers/services/instance/desired.ts";
import { confirmDeleted, writeObserved } from "../../../workers/services/instance/observed.ts";
import { findRoute } from "../../../workers/services/instance/route.ts";
import { type Harness, joinNode, makeHarness, makeInstance, PRESET_KEY } from "../api/harness.ts";

let h: Harness;
let node: { id: string };
let id: string;
beforeAll(async () => {
  h = await makeHarness();
});
beforeEach(async () => {
  node = await joinNode(h);
  id = await makeInstance(h, node.id, { start: true });
});

function report(change: Partial<ObservedInstance> = {}): ObservedInstance {
  return {
    ...{ id, generation: 1, epoch: 1, status: "started", since: "2026-11-20T10:00:00.000Z", reason: null, pid: 7 },
    ...{ port: 19001, exitCode: null, signal: null, startedAt: null, lastLines: [], diskBytes: 5, exposed: [] },
    ...{ ports: [], lapsed: false, ...change },
  };
}
const wanted = async () => (await readDesired(h.db, node.id)).instances.find((instance) => instance.id === id);
const stored = async () => {
  const columns = "observed_status AS status, observed_seq AS seq, observed_port AS port, desired, generation";
  return h.env.DB.prepare(`SELECT ${columns} FROM instances WHERE id = ?`).bind(id).first();
};

describe("writing what a node observed", () => {
  it("takes a newer report and ignores an older or equal one", async () => {
    expect(await writeObserved(h.db, node.id, 5, [report()])).toEqual([id]);
    expect(await writeObserved(h.db, node.id, 5, [report({ status: "error" })])).toEqual([]);
    expect(await writeObserved(h.db, node.id, 4, [report({ status: "error" })])).toEqual([]);
    expect(await stored()).toMatchObject({ status: "started", seq: 5, port: 19001, desired: "running", generation: 1 });
  });

  it("knows of a first start by a report of the launch that is wanted, and by no late one", async () => {
    const first = async () =>
      (await h.env.DB.prepare("SELECT first_started_at AS at, epoch FROM instances WHERE id = ?").bind(id).first()) ??
      {};
    const { epoch } = (await first()) as { epoch: number };
    await h.env.DB.prepare("UPDATE instances SET epoch = epoch + 1, first_started_at = NULL WHERE id = ?")
      .bind(id)
      .run();
    await writeObserved(h.db, node.id, 5, [report({ epoch })]);
    expect(await first()).toMatchObject({ at: null });
    await writeObserved(h.db, node.id, 6, [report({ epoch: epoch + 1, startedAt: "2026-11-20T10:00:00.000Z" })]);
    expect(await first()).toMatchObject({ at: Date.parse("2026-11-20T10:00:00.000Z") });
  });

  it("takes nothing about another node's instance or an unknown one", async () => {
    const other = await joinNode(h);
    expect(await writeObserved(h.db, other.id, 9, [report()])).toEqual([]);
    expect(await writeObserved(h.db, node.id, 9, [report({ id: "in_unknown" })])).toEqual([]);
    expect(await writeObserved(h.db, node.id, 9, [])).toEqual([]);
  });

  it("ends on the report with the highest sequence number, in whatever order they come", async () => {
    const statuses: NodeStatus[] = ["stopped", "installing", "starting", "started", "stalled", "stopping", "error"];
    const sequence = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(...statuses)), {
      selector: ([seq]) => seq,
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(sequence, async (reports) => {
        await h.env.DB.prepare("UPDATE instances SET observed_seq = NULL WHERE id = ?").bind(id).run();
        await Promise.all(reports.map(([seq, status]) => writeObserved(h.db, node.id, seq, [report({ status })])));
        const [seq, status] = reports.toSorted(([one], [other]) => other - one)[0] ?? [];
        expect(await stored()).toMatchObject({ seq, status });
      }),
      { numRuns: 30 },
    );
  });

  it("writes hundreds at once, the last one of each", async () => {
    const ids = [id];
    for (let count = 0; count < 60; count += 1) ids.push(await makeInstance(h, node.id));
    const reports = ids.flatMap((each) => [
      report({ id: each, status: "starting" }),
      report({ id: each, status: "stalled" }),
    ]);
    expect((await writeObserved(h.db, node.id, 1, reports)).toSorted()).toEqual(ids.toSorted());
    expect(await stored()).toMatchObject({ status: "stalled" });
  });
});

describe("a lapsed app", () => {
  const lapsed = { status: "stopped", lapsed: true } as const;

  it("settles on stopped, as a new generation", async () => {
    expect(await writeObserved(h.db, node.id, 1, [report(lapsed)])).toEqual([id]);
    expect(await wanted()).toMatchObject({ desired: "stopped", generation: 2, epoch: 1 });
    await h.send("POST", `/api/instances/${id}/start`, { as: PRESET_KEY });
    expect(await wanted()).toMatchObject({ desired: "running", generation: 3, epoch: 2 });
  });

  it("does not undo a wish that is newer than the report", async () => {
    await h.send("POST", `/api/instances/${id}/restart`, { as: PRESET_KEY });
    await writeObserved(h.db, node.id, 1, [report(lapsed)]);
    expect(await wanted()).toMatchObject({ desired: "running", generation: 2, epoch: 2 });
  });

  it("leaves a tombstone a tombstone", async () => {
    await h.send("DELETE", `/api/instances/${id}`, { as: PRESET_KEY });
    await writeObserved(h.db, node.id, 1, [report({ ...lapsed, generation: 2 })]);
    expect(await wanted()).toMatchObject({ desired: "deleted", deleteMode: "trash", generation: 2 });
  });
});

describe("confirming deletions", () => {
  it("removes tombstones of that node and nothing else", async () => {
    const other = await makeInstance(h, node.id);
    await h.send("DELETE", `/api/instances/${id}`, { as: PRESET_KEY });
    expect(await confirmDeleted(h.db, (await joinNode(h)).id, [id])).toEqual([]);
    expect(await confirmDeleted(h.db, node.id, [id, other, "in_unknown"])).toEqual([id]);
    expect((await readDesired(h.db, node.id)).instances.map((instance) => instance.id)).toEqual([other]);
  });
});

it("a route leads to an instance until it is deleted", async () => {
  const { slug, name } = (await wanted()) ?? { slug: "", name: "" };
  expect(await findRoute(h.db, slug)).toEqual({ nodeId: node.id, instanceId: id, name, ports: new Set([null]) });
  await h.send("DELETE", `/api/instances/${id}`, { as: PRESET_KEY });
  expect(await findRoute(h.db, slug)).toBeUndefined();
});
