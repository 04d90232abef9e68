import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { base64url } from "@roundhouse/protocol/ids";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import { instances } from "../../../workers/db/instances.ts";
import { connect, type FakeAgent, factsOf, observedOf } from "./fake-agent.ts";
import {
  ageLink,
  api,
  db,
  env,
  eventually,
  hubOf,
  instanceRow,
  makeInstance,
  makeNode,
  migrate,
  nodeRow,
  planned,
  runTasks,
  type TestNode,
} from "./harness.ts";

let node: TestNode;
let agent: FakeAgent;
let instance: Instance;
beforeAll(migrate);
beforeEach(async () => {
  node = await makeNode();
  instance = await makeInstance(node);
  agent = await connect(node.key);
});

function observe(changes: Parameters<typeof observedOf>[1] = {}, id = instance.id): void {
  agent.send({ type: "agent.observed", instances: [observedOf(id, changes)], gone: [], unknown: [] });
}

describe("what is desired", () => {
  it("[RC1] is sent whole after every change, without a restart of anything", async () => {
    await api("POST", `/api/instances/${instance.id}/start`);
    const started = await agent.next("control.desired");
    expect(started.instances).toMatchObject([{ id: instance.id, desired: "running", epoch: 1 }]);
    const other = await makeInstance(node);
    const both = await agent.next("control.desired");
    expect(both.instances.map(({ id }) => id)).toEqual([instance.id, other.id]);
  });

  it("[TC3] names what tools may do on the node, and is sent anew when that changes", async () => {
    await makeInstance(node);
    expect((await agent.next("control.desired")).policy).toMatchObject({ default: "ask" });
    const policy = { default: "deny", execCommand: false, rules: [] };
    await api("PATCH", `/api/nodes/${node.id}`, { policy });
    expect((await agent.next("control.desired")).policy).toEqual(policy);
  });

  it("[RC1] is never followed by an older snapshot, however many changes come at once", async () => {
    const ids = [instance.id, (await makeInstance(node)).id, (await makeInstance(node)).id];
    const calls = ids.flatMap((id) =>
      ["start", "stop", "restart", "stop"].map((verb) => `/api/instances/${id}/${verb}`),
    );
    await Promise.all(calls.map((path) => api("POST", path)));
    const rows = await Promise.all(ids.map(instanceRow));
    await eventually(() => {
      const last = agent.messages("control.desired").at(-1);
      const generations = last?.type === "control.desired" ? last.instances.map(({ generation }) => generation) : [];
      expect(generations).toEqual(rows.map((row) => row?.generation));
    });
  });

  it("[RC1] needs no link: a node that is away gets it with its next hello", async () => {
    agent.socket.close(1000);
    await api("POST", `/api/instances/${instance.id}/start`);
    const again = await connect(node.key);
    expect(again.messages("control.desired")).toEqual([]);
    await hubOf(node).poke();
    expect((await again.next("control.desired")).instances).toMatchObject([{ desired: "running" }]);
  });

  it("[RC6] brings the source of a blueprint to an agent that asks for its digest", async () => {
    await hubOf(node).poke();
    const [wanted] = (await agent.next("control.desired")).instances;
    const digest = wanted?.blueprint.digest ?? "";
    agent.send({ type: "agent.need_blueprint", digest: "of-nothing-we-know" });
    agent.send({ type: "agent.need_blueprint", digest });
    const blueprint = await agent.next("control.blueprint");
    expect(blueprint).toMatchObject({ digest, name: "hello", kind: "bash" });
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(blueprint.source));
    expect(base64url(new Uint8Array(bytes))).toBe(digest);
  });
});

describe("what is observed", () => {
  it("[RC4] reaches D1 a moment after it changed", async () => {
    observe({ status: "installing" });
    await eventually(async () =>
      expect(await instanceRow(instance.id)).toMatchObject({ observedStatus: "installing" }),
    );
    observe({ status: "error", exitCode: 7, signal: null, lastLines: ["boom"] });
    await eventually(async () => {
      expect((await instanceRow(instance.id))?.observed).toMatchObject({ exitCode: 7, lastLines: ["boom"] });
    });
    expect(await planned(node)).not.toContain("flush");
  });

  it("[RC4] reaches D1 also when the hub slept in between", async () => {
    observe({ status: "stalled" });
    await agent.ping();
    await evictDurableObject(hubOf(node));
    await eventually(async () => expect(await instanceRow(instance.id)).toMatchObject({ observedStatus: "stalled" }));
  });

  it("[RC4] is written for as many instances as one node may hold", async () => {
    const template = await instanceRow(instance.id);
    const rows = Array.from({ length: 230 }, (_, n) => ({
      ...template!,
      id: `in_many${n}`,
      name: `many ${n}`,
      slug: `many-${n}`,
      folder: `many-${n}`,
    }));
    for (let at = 0; at < rows.length; at += 2) await db.insert(instances).values(rows.slice(at, at + 2));
    agent.send({ type: "agent.observed", instances: rows.map(({ id }) => observedOf(id)), gone: [], unknown: [] });
    await eventually(async () => {
      const started = await db
        .select({ id: instances.id })
        .from(instances)
        .where(eq(instances.observedStatus, "started"));
      expect(started.filter(({ id }) => id.startsWith("in_many"))).toHaveLength(rows.length);
    }, 15_000);
  });

  it("[RC5] changes nothing under an older sequence number", async () => {
    await db
      .update(instances)
      .set({ observedSeq: 1_000_000, observedStatus: "stopped" })
      .where(eq(instances.id, instance.id));
    observe({ status: "started" });
    await agent.ping();
    await runTasks(node, "flush");
    expect(await instanceRow(instance.id)).toMatchObject({ observedSeq: 1_000_000, observedStatus: "stopped" });
  });

  it("[RC5] of another node's instance changes nothing", async () => {
    const foreign = await makeInstance(await makeNode());
    observe({ status: "started" }, foreign.id);
    await agent.ping();
    await runTasks(node, "flush");
    expect(await instanceRow(foreign.id)).toMatchObject({ observedStatus: null });
  });

  it("[RC7] settles on stopped when a wanted app lapsed, and says so to the agent", async () => {
    await api("POST", `/api/instances/${instance.id}/start`);
    const { instances: wanted } = await agent.next("control.desired");
    const generation = wanted[0]?.generation ?? 0;
    observe({ status: "stopped", lapsed: true, generation });
    const settled = await agent.next("control.desired");
    expect(settled.instances).toMatchObject([{ desired: "stopped", generation: generation + 1 }]);
  });

  it("[RC7] lets a newer wish win over a lapse", async () => {
    await api("POST", `/api/instances/${instance.id}/start`);
    const { instances: wanted } = await agent.next("control.desired");
    observe({ status: "stopped", lapsed: true, generation: (wanted[0]?.generation ?? 0) - 1 });
    await agent.next("control.desired");
    expect(await instanceRow(instance.id)).toMatchObject({ desired: "running", generation: wanted[0]?.generation });
  });

  it("[RC4] ends a tombstone that is gone, and nothing that is none", async () => {
    const kept = await makeInstance(node);
    await api("DELETE", `/api/instances/${instance.id}`, { mode: "permanent" });
    agent.send({ type: "agent.observed", instances: [], gone: [instance.id, kept.id], unknown: [] });
    await eventually(async () => expect(await instanceRow(instance.id)).toBeUndefined());
    expect(await instanceRow(kept.id)).toBeDefined();
    await eventually(() => {
      const last = agent.messages("control.desired").at(-1);
      expect(last?.type === "control.desired" && last.instances.map(({ id }) => id)).toEqual([kept.id]);
    });
  });

  it("[RC4] reports what is unknown, and removes nothing of it", async () => {
    const unknown = [{ id: "in_lost", name: "lost", status: "started" as const }];
    agent.send({ type: "agent.observed", instances: [], gone: [], unknown });
    await eventually(async () => expect((await nodeRow(node)).unknownInstances).toEqual(unknown));
    await hubOf(node).poke();
    expect((await agent.next("control.desired")).instances.map(({ id }) => id)).toEqual([instance.id]);
  });

  it("keeps facts as they were said last", async () => {
    agent.send({ type: "agent.facts", agentVersion: "9.9.9", facts: { ...factsOf("machine-1"), hostname: "renamed" } });
    await eventually(async () => {
      expect(await nodeRow(node)).toMatchObject({ agentVersion: "9.9.9", facts: { hostname: "renamed" } });
    });
  });
});

describe("the heartbeat", () => {
  it("[HB1] is answered by the runtime, which keeps the time", async () => {
    await ageLink(node, 3_600_000);
    await agent.ping();
    const { online, lastSeenAt } = await hubOf(node).checkLink();
    expect(online).toBe(true);
    expect(Date.now() - Date.parse(lastSeenAt ?? "")).toBeLessThan(DEFAULT_TUNING.heartbeatTimeoutMs);
  });

  it("[HB3] shows a link as lost to whoever asks, since when it was last heard of", async () => {
    await ageLink(node, 60_000);
    const { online, lastSeenAt } = await hubOf(node).checkLink();
    expect(online).toBe(false);
    expect((await agent.closed).code).toBe(4007);
    const row = await nodeRow(node);
    expect(row.online).toBe(false);
    expect(row.lastSeenAt?.toISOString()).toBe(lastSeenAt);
    expect(Date.now() - Date.parse(lastSeenAt ?? "")).toBeGreaterThan(50_000);
    expect(await hubOf(node).checkLink()).toEqual({ online: false, lastSeenAt: null });
  });

  it("[HB3] is looked at by alarm only while somebody watches", async () => {
    expect(await planned(node)).not.toContain("watch");
    await hubOf(node).checkLink();
    expect(await planned(node)).toContain("watch");
    await runTasks(node, "watch");
    expect(await planned(node)).toContain("watch");
    await runInDurableObject(hubOf(node), (_hub, state) => state.storage.sql.exec("DELETE FROM schedule"));
    await evictDurableObject(hubOf(node));
    await runTasks(node, "watch");
    expect(await planned(node)).not.toContain("watch");
  });

  it("[HB3] leaves an idle node's hub without any alarm", async () => {
    await runTasks(node, "hello", "flush", "watch");
    const alarm = await runInDurableObject(hubOf(node), (_hub, state) => state.storage.getAlarm());
    expect([alarm, await planned(node)]).toEqual([null, []]);
  });

  it("[HB3] notices by alarm that a watched link went silent", async () => {
    await hubOf(node).checkLink();
    await ageLink(node, 60_000);
    await runTasks(node, "watch");
    expect((await agent.closed).code).toBe(4007);
    expect((await nodeRow(node)).online).toBe(false);
  });
});

describe("a failure inside the hub", () => {
  it("[CL1] ends the link with a code that lets the agent dial again soon and state everything anew", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue(undefined);
    await env.DB.prepare("ALTER TABLE nodes RENAME TO nodes_away").run();
    agent.send({ type: "agent.facts", agentVersion: "1", facts: factsOf("machine-1") });
    expect((await agent.closed).code).toBe(1011);
    expect(log).toHaveBeenCalled();
    await env.DB.prepare("ALTER TABLE nodes_away RENAME TO nodes").run();
    log.mockRestore();
    await connect(node.key);
    await eventually(async () => expect((await nodeRow(node)).online).toBe(true));
  });
});
