import { listDurableObjectIds } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { LINK_CLOSE } from "@roundhouse/protocol/close-codes";
import { newSecret } from "@roundhouse/protocol/ids";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import { connect, dial, factsOf, helloOf, observedOf } from "./fake-agent.ts";
import {
  ageLink,
  api,
  env,
  eventually,
  hubOf,
  instanceRow,
  makeInstance,
  makeNode,
  migrate,
  nodeRow,
  runTasks,
} from "./harness.ts";
import { ORIGIN, worker } from "./worker.ts";

beforeAll(migrate);
const other = { facts: factsOf("machine-2") };

describe("the handshake", () => {
  it("[HS1] closes a socket whose first message is anything but a hello", async () => {
    const node = await makeNode();
    const first: (string | Uint8Array)[] = [
      JSON.stringify({ type: "agent.observed", instances: [], gone: [], unknown: [] }),
      JSON.stringify({ type: "agent.of_tomorrow" }),
      "not json",
      Uint8Array.of(5, 0, 0, 0, 1),
    ];
    for (const message of first) {
      const agent = await dial(node.key);
      agent.socket.send(message);
      expect((await agent.closed).code).toBe(LINK_CLOSE.helloExpected.code);
    }
  });

  it("[HS2] answers an unknown key with 401 before any object is touched", async () => {
    const before = (await listDurableObjectIds(env.NODE_HUB)).length;
    const authorizations = [`Bearer ${newSecret("nodeKey")}`, "Bearer nonsense", "Basic abc", undefined];
    for (const authorization of authorizations) {
      const headers = { Upgrade: "websocket", ...(authorization ? { Authorization: authorization } : {}) };
      const response = await worker.fetch(`${ORIGIN}/link`, { headers });
      expect([response.status, response.webSocket]).toEqual([401, null]);
      expect(await response.json()).toMatchObject({ error: { code: "unauthenticated", hint: expect.any(String) } });
    }
    expect(await listDurableObjectIds(env.NODE_HUB)).toHaveLength(before);
  });

  it("[HS1] tells a request that is no WebSocket to be one", async () => {
    const { key } = await makeNode();
    const response = await worker.fetch(`${ORIGIN}/link`, { headers: { Authorization: `Bearer ${key}` } });
    expect(response.status).toBe(426);
  });

  it("[HS3] answers a hello with the welcome and its tuning, then with what is desired", async () => {
    const node = await makeNode();
    const { id } = await makeInstance(node);
    const agent = await dial(node.key);
    agent.send(helloOf());
    const { helloTimeoutMs: _hello, ...tuning } = DEFAULT_TUNING;
    expect(await agent.next("control.welcome")).toMatchObject({
      protocol: 1,
      nodeId: node.id,
      nodeName: node.id,
      tuning,
    });
    const desired = await agent.next("control.desired");
    expect(desired.instances.map((instance) => instance.id)).toEqual([id]);
    expect(desired.portPool).toEqual({ first: 19001, last: 19020 });
    expect(await nodeRow(node)).toMatchObject({
      online: true,
      agentVersion: "0.0.0-test",
      facts: factsOf("machine-1"),
    });
  });

  it("[HS4] closes every socket that says no hello within its time, and no other", async () => {
    const node = await makeNode();
    const live = await connect(node.key);
    const first = await dial(node.key);
    await ageLink(node, DEFAULT_TUNING.helloTimeoutMs - 5_000);
    const second = await dial(node.key);
    await runTasks(node, "hello");
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
    await ageLink(node, DEFAULT_TUNING.helloTimeoutMs);
    const third = await dial(node.key);
    await runTasks(node, "hello");
    expect((await first.closed).code).toBe(LINK_CLOSE.helloExpected.code);
    expect((await second.closed).code).toBe(LINK_CLOSE.helloExpected.code);
    expect([third.socket.readyState, live.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
    await ageLink(node, DEFAULT_TUNING.helloTimeoutMs);
    await runTasks(node, "hello");
    expect((await third.closed).code).toBe(LINK_CLOSE.helloExpected.code);
  });

  it("[HS5] lets the same machine replace its older socket", async () => {
    const node = await makeNode();
    const first = await connect(node.key);
    const second = await connect(node.key, { bootId: "another boot" });
    expect((await first.closed).code).toBe(LINK_CLOSE.replaced.code);
    await eventually(async () => expect(await nodeRow(node)).toMatchObject({ online: true, notice: null }));
    await hubOf(node).poke();
    await second.next("control.desired");
  });

  it("[HS5] refuses another machine while the first is live, and tells people", async () => {
    const node = await makeNode();
    const first = await connect(node.key);
    const intruder = await dial(node.key);
    intruder.send(helloOf(other));
    expect((await intruder.closed).code).toBe(LINK_CLOSE.otherMachine.code);
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
    const row = await nodeRow(node);
    expect(row).toMatchObject({ online: true, facts: { machineId: "machine-1" } });
    expect(row.notice).toContain("host of machine-2");
    await connect(node.key);
    expect(await nodeRow(node)).toMatchObject({ notice: null });
  });

  it("[HS5] lets another machine take over once the first is silent", async () => {
    const node = await makeNode();
    const first = await connect(node.key);
    await ageLink(node, DEFAULT_TUNING.heartbeatTimeoutMs + 1_000);
    const second = await connect(node.key, other);
    expect((await first.closed).code).toBe(LINK_CLOSE.silent.code);
    expect(second.socket.readyState).toBe(WebSocket.OPEN);
    expect(await nodeRow(node)).toMatchObject({ online: true, facts: { machineId: "machine-2" } });
  });

  it("[HS5] does not let a socket that closed meanwhile push the live one out", async () => {
    const node = await makeNode();
    const live = await connect(node.key);
    const brief = await dial(node.key);
    brief.send(helloOf());
    brief.socket.close(1000);
    await hubOf(node).checkLink();
    await hubOf(node).poke();
    const winner = live.socket.readyState === WebSocket.OPEN ? live : undefined;
    // Whether the hello was read before the close is the runtime's business: the node's row tells the truth either way.
    await eventually(async () => expect((await nodeRow(node)).online).toBe(winner !== undefined));
  });

  it("[HS6] states everything anew with a hello, and forgets what the hello does not name", async () => {
    const node = await makeNode();
    const [one, two] = [await makeInstance(node), await makeInstance(node)];
    const unknown = [{ id: "in_lost", name: "lost", status: "stopped" as const }];
    const agent = await connect(node.key, { instances: [observedOf(one.id), observedOf(two.id)], unknown });
    expect((await nodeRow(node)).unknownInstances).toEqual(unknown);
    expect(await instanceRow(two.id)).toMatchObject({ observedStatus: "started" });
    agent.socket.close(1000);
    await connect(node.key, { instances: [observedOf(one.id, { status: "error", exitCode: 3 })] });
    expect((await nodeRow(node)).unknownInstances).toEqual([]);
    expect(await instanceRow(one.id)).toMatchObject({ observedStatus: "error", observed: { exitCode: 3 } });
  });

  it("[VS2] ends a link whose versions do not meet, each way with its own code", async () => {
    const node = await makeNode();
    for (const [protocol, code] of [
      [{ current: 0, oldest: 0 }, LINK_CLOSE.agentTooOld.code],
      [{ current: 9, oldest: 2 }, LINK_CLOSE.controlTooOld.code],
    ] as const) {
      const agent = await dial(node.key);
      agent.send(helloOf({ protocol }));
      expect((await agent.closed).code).toBe(code);
    }
    expect((await nodeRow(node)).online).toBe(false);
  });

  it("[VS1] speaks the newest version that both know", async () => {
    const { key } = await makeNode();
    const agent = await dial(key);
    agent.send(helloOf({ protocol: { current: 7, oldest: 1 } }));
    expect((await agent.next("control.welcome")).protocol).toBe(1);
  });

  it("[VS3] ignores unknown keys, message types and frame types on a live link", async () => {
    const node = await makeNode();
    const agent = await dial(node.key);
    agent.send(JSON.stringify({ ...helloOf(), shinyNewKey: 1 }));
    await agent.next("control.desired");
    agent.send(JSON.stringify({ type: "agent.of_tomorrow", at: 1 }));
    agent.socket.send(Uint8Array.of(99, 0, 0, 0, 1, 2, 3));
    await hubOf(node).poke();
    await agent.next("control.desired");
  });

  it("closes the link of a node that was removed, for good, and forgets its reports", async () => {
    const node = await makeNode();
    const agent = await connect(node.key);
    await api("DELETE", `/api/nodes/${node.id}`);
    expect((await agent.closed).code).toBe(LINK_CLOSE.removed.code);
    await expect(dial(node.key)).rejects.toThrow("401");
  });
});
