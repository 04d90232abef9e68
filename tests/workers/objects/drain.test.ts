import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Drained } from "@roundhouse/protocol/api/node";
import { spreadOf } from "../../../workers/services/node/drain.ts";
import { connect, observedOf } from "./fake-agent.ts";
import { api, eventually, hubOf, makeApp, makeNode, migrate, PRESET_KEY, runTasks, type TestApp } from "./harness.ts";
import { ORIGIN, worker } from "./worker.ts";

beforeAll(migrate);

const drain = (order: object) => api<Drained>("POST", "/api/drain", order);

/** Lets the time pass after which a link that was drained is a link like any other. */
async function overstay(app: TestApp): Promise<void> {
  await runInDurableObject(hubOf(app.node), (hub) => {
    for (const connection of hub.getConnections<{ drain?: object }>("agent")) {
      connection.setState({ ...connection.state, drain: { ...connection.state?.drain, refuseUntil: 0 } });
    }
  });
}

describe("a drain", () => {
  it("[DR1] [DR4] reaches every connected node, each with a time of its own", async () => {
    const agents = await Promise.all([0, 1, 2].map(async () => connect((await makeNode()).key)));
    await makeNode();
    const { nodes, backWithinMs } = await drain({ reconnectAfterMs: 5_000, graceMs: 300 });
    const told = await Promise.all(agents.map((agent) => agent.next("control.drain")));
    expect(nodes).toBe(told.length);
    for (const { reconnectAfterMs, graceMs } of told) {
      expect(graceMs).toBe(300);
      expect(reconnectAfterMs).toBeGreaterThanOrEqual(5_000);
      expect(graceMs + reconnectAfterMs).toBeLessThanOrEqual(backWithinMs);
    }
    expect(new Set(told.map(({ reconnectAfterMs }) => reconnectAfterMs)).size).toBeGreaterThan(1);
    for (const agent of agents) agent.socket.close(1000);
  });

  it("[DR4] spreads ten thousand nodes over most of a minute, and a few over a second", () => {
    expect([spreadOf(1), spreadOf(200), spreadOf(10_000)]).toEqual([1_000, 1_000, 50_000]);
  });

  it("[DR3] refuses new streams with 503 and Retry-After, while open ones end as if nothing were", async () => {
    const app = await makeApp();
    const open = app.fetch("/open");
    const { stream } = await app.agent.nextFrame("open");
    await drain({ reconnectAfterMs: 30_000, graceMs: 10_000 });
    await app.agent.next("control.drain");
    for (const answer of [await app.fetch("/new"), await app.socket("/ws")]) {
      expect(answer.status).toBe(503);
      const seconds = Number(answer.headers.get("Retry-After"));
      expect(seconds).toBeGreaterThan(30);
      expect(seconds).toBeLessThanOrEqual(41);
    }
    const logs = await worker.fetch(`${ORIGIN}/api/instances/${app.instance.id}/logs`, {
      headers: { Authorization: `Bearer ${PRESET_KEY}` },
    });
    expect(logs.status).toBe(503);
    app.agent.reply(stream, 200, [], "whole");
    expect(await (await open).text()).toBe("whole");
    app.agent.socket.close(1000);
  });

  it("[DR3] is forgotten by the next link, and by a link whose agent did not leave", async () => {
    const app = await makeApp();
    await drain({});
    await overstay(app);
    const answer = app.fetch("/later");
    app.agent.reply((await app.agent.nextFrame("open")).stream, 200, [], "served");
    expect(await (await answer).text()).toBe("served");
    await drain({});
    const again = await connect(app.node.key, { instances: [observedOf(app.instance.id)] });
    const next = app.fetch("/again");
    again.reply((await again.nextFrame("open")).stream, 503);
    expect((await next).headers.has("Retry-After")).toBe(false);
  });

  it("[DR1] finds nobody at home without an error", async () => {
    const node = await makeNode();
    expect(await hubOf(node).drain(1_000, 0)).toBe(false);
  });
});

describe("words of a newer agent", () => {
  it("[VS3] are counted for the metrics: messages, keys at any depth, and frames", async () => {
    const node = await makeNode();
    const agent = await connect(node.key);
    agent.send(JSON.stringify({ type: "agent.of_tomorrow" }));
    agent.send(
      JSON.stringify({
        type: "agent.observed",
        instances: [],
        gone: [],
        unknown: [{ id: "x", name: "x", status: "stopped", a: 1 }],
        b: 2,
      }),
    );
    agent.socket.send(Uint8Array.of(99, 0, 0, 0, 1));
    await eventually(async () => {
      await runTasks(node, "counts");
      expect(await unknownInMetrics()).toEqual({ message: 1, key: 2, frame: 1 });
    });
  });
});

async function unknownInMetrics(): Promise<Record<string, number>> {
  const response = await worker.fetch(`${ORIGIN}/metrics`, { headers: { Authorization: `Bearer ${PRESET_KEY}` } });
  const samples = (await response.text()).matchAll(/^roundhouse_unknown_total\{kind="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, kind, count]) => [kind, Number(count)]));
}
