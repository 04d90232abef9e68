/** Secrets of instances over a link: what a node is told of them, and what it gets when a launch asks. */
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { newId } from "@roundhouse/protocol/ids";
import { openSecrets } from "../../../workers/services/instance/secrets.ts";
import { connect, type FakeAgent } from "./fake-agent.ts";
import { api, db, env, eventually, hubOf, makeInstance, makeNode, migrate, type TestNode } from "./harness.ts";

const CANARY = "canary-Ω-of-a-secret-0123456789";
let node: TestNode;
let agent: FakeAgent;
/** Every message as it came. */
let raw: string[];
let secret: string;
let instance: Instance;
let count = 0;
beforeAll(migrate);
beforeEach(async () => {
  secret = await makeSecret(CANARY);
  node = await makeNode();
  agent = await connect(node.key);
  raw = [];
  agent.socket.addEventListener("message", ({ data }) => void raw.push(String(data)));
  const variables = [
    { name: "GREETING", value: "hello" },
    { name: "HF_TOKEN", secret },
    { name: "AGAIN", secret },
  ];
  instance = await makeInstance(node, { env: variables });
});

async function makeSecret(value: string): Promise<string> {
  const name = `LINK_SECRET_${(count += 1)}`;
  await api("POST", "/api/secrets", { name, value });
  return name;
}

async function ask(id = instance.id) {
  agent.send({ type: "agent.need_secrets", instance: id });
  return agent.next("control.secrets");
}

/** Asks, and waits until the hub has said in its log that it gives nothing. */
async function askInVain(id: string): Promise<void> {
  const log = vi.spyOn(console, "warn").mockReturnValue(undefined);
  agent.send({ type: "agent.need_secrets", instance: id });
  await eventually(() => expect(log.mock.calls.flat().join("\n")).toContain(`node ${node.id} asked for secrets of`));
  log.mockRestore();
  await agent.ping();
  expect(agent.messages("control.secrets")).toEqual([]);
}

/** All that the database holds, as text. */
async function everything(): Promise<string> {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
  }>();
  const tables = results.map(({ name }) => name).filter((name) => !name.startsWith("_cf"));
  const rows = await env.DB.batch(tables.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`)));
  return JSON.stringify(rows.map((one) => one.results));
}

describe("what a node is told", () => {
  it("[EV1] are names, plain values and references, in no message a secret's value", async () => {
    const { instances } = await agent.next("control.desired");
    expect(instances[0]?.env).toEqual(instance.env);
    await api("POST", `/api/instances/${instance.id}/start`);
    await agent.next("control.desired");
    await api("PUT", `/api/secrets/${secret}`, { value: `${CANARY}, newer` });
    await hubOf(node).poke();
    await agent.next("control.desired");
    expect(raw.length).toBeGreaterThan(2);
    for (const text of raw) expect(text).not.toContain("canary");
    expect(raw.join("\n")).toContain(secret);
  });
});

describe("a launch that asks for secrets", () => {
  it("[EV2] gets the values by the secrets' names, those of the moment it asks", async () => {
    const answer = { type: "control.secrets", instance: instance.id, values: { [secret]: CANARY }, refused: null };
    expect(await ask()).toEqual(answer);
    await api("PUT", `/api/secrets/${secret}`, { value: "a newer value" });
    expect((await ask()).values).toEqual({ [secret]: "a newer value" });
    const other = await makeSecret("of another one");
    await api("PATCH", `/api/instances/${instance.id}`, { env: [{ name: "OTHER", secret: other }] });
    expect((await ask()).values).toEqual({ [other]: "of another one" });
    await api("PATCH", `/api/instances/${instance.id}`, { env: [{ name: "PLAIN", value: "x" }] });
    expect(await ask()).toMatchObject({ values: {}, refused: null });
  });

  it("[EV2] gets them also after secrets were sealed anew, and under another master key", async () => {
    await api("POST", "/api/secrets/rotate");
    expect((await ask()).values).toEqual({ [secret]: CANARY });
    const open = (keys: { MASTER_KEY: string; MASTER_KEY_PREVIOUS?: string }) =>
      openSecrets(keys, db, node.id, instance.id);
    const newer = "bmV3LW1hc3Rlci1rZXktdGhhdC1pcy0zMi1ieXRlcw";
    expect((await open({ MASTER_KEY: newer, MASTER_KEY_PREVIOUS: env.MASTER_KEY }))?.values).toEqual({
      [secret]: CANARY,
    });
    expect(await open({ MASTER_KEY: newer })).toMatchObject({
      values: {},
      refused: {
        message: `The secret "${secret}" was sealed under another MASTER_KEY.`,
        hint: expect.stringContaining("MASTER_KEY_PREVIOUS"),
      },
    });
  });

  it("[EV2] gets nothing of an instance of another node, of a deleted one, and of none", async () => {
    const elsewhere = await makeInstance(await makeNode(), { env: [{ name: "T", secret }] });
    await askInVain(elsewhere.id);
    await api("DELETE", `/api/instances/${instance.id}`);
    await askInVain(instance.id);
    await askInVain(newId("instance"));
    for (const text of raw) expect(text).not.toContain("canary");
  });

  it("[EV2] is told why where a secret cannot be opened or is gone, and gets none of the others then", async () => {
    const damaged = await makeSecret("that will be damaged");
    const both = [
      { name: "A", secret },
      { name: "B", secret: damaged },
    ];
    await api("PATCH", `/api/instances/${instance.id}`, { env: both });
    await env.DB.prepare("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = ?) WHERE name = ?")
      .bind(secret, damaged)
      .run();
    expect(await ask()).toMatchObject({
      values: {},
      refused: {
        message: `The secret "${damaged}" is damaged and cannot be opened.`,
        hint: `Set its value anew: PUT /api/secrets/${damaged}.`,
      },
    });
    await env.DB.prepare("DELETE FROM secrets WHERE name = ?").bind(damaged).run();
    expect(await ask()).toMatchObject({
      values: {},
      refused: { message: `secret: there is no secret "${damaged}".`, hint: expect.stringContaining("/api/secrets") },
    });
    await api("PUT", `/api/secrets/${damaged}`, { value: "whole again" });
    expect(await ask()).toMatchObject({ values: { [secret]: CANARY, [damaged]: "whole again" }, refused: null });
  });

  it("[EV2] [FR1] is told so where they are more than a message or an environment holds", async () => {
    const long = await makeSecret("x".repeat(32_768));
    const named = (length: number) => Array.from({ length }, (_, at) => ({ name: `V${at}`, secret: long }));
    await api("PATCH", `/api/instances/${instance.id}`, { env: named(32) });
    expect((await ask()).values[long]).toHaveLength(32_768);
    await api("PATCH", `/api/instances/${instance.id}`, { env: named(33) });
    expect(await ask()).toMatchObject({ values: {}, refused: { message: expect.stringContaining("1 MiB") } });
  });

  it("[EV2] leaves no value in the database, and none in the log of the control plane", async () => {
    const lines: string[] = [];
    const levels = ["log", "warn", "error", "info", "debug"] as const;
    const spies = levels.map((level) => {
      return vi.spyOn(console, level).mockImplementation((...words) => void lines.push(words.map(String).join(" ")));
    });
    expect((await ask()).values).toEqual({ [secret]: CANARY });
    await env.DB.prepare("UPDATE secrets SET sealed = 'AAAA' || sealed WHERE name = ?").bind(secret).run();
    expect((await ask()).refused).not.toBeNull();
    agent.send({ type: "agent.need_secrets", instance: "nothing" });
    await eventually(() => expect(lines.join("\n")).toContain("asked for secrets"));
    for (const spy of spies) spy.mockRestore();
    expect(lines.join("\n")).not.toContain("canary");
    const held = await everything();
    expect(held).toContain(secret);
    expect(held).toContain("hello");
    for (const form of ["canary", btoa("canary-").replaceAll("=", "").slice(0, 9)]) expect(held).not.toContain(form);
  });
});
