import { beforeAll, describe, expect, it } from "vitest";
import type { Node } from "@roundhouse/protocol/api/node";
import type { ErrorBody } from "@roundhouse/protocol/errors";
import { connect, type FakeAgent, factsWithRule, observedOf } from "./fake-agent.ts";
import {
  api,
  eventually,
  makeApp,
  makeInstance,
  makeNode,
  migrate,
  openApp,
  PRESET_KEY,
  type TestNode,
} from "./harness.ts";
import { ORIGIN, worker } from "./worker.ts";

beforeAll(migrate);

const nodeOf = ({ id }: TestNode) => api<Node>("GET", `/api/nodes/${id}`);
const confirm = ({ id }: TestNode, appUrlsConfirmed: boolean) =>
  api<Node>("PATCH", `/api/nodes/${id}`, { appUrlsConfirmed });

async function refusal(method: string, path: string, body?: unknown) {
  const headers = { Authorization: `Bearer ${PRESET_KEY}`, "Content-Type": "application/json" };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await worker.fetch(ORIGIN + path, init);
  const { error } = await response.json<ErrorBody>();
  return { status: response.status, ...error };
}

/** A node on a platform with a rule, and a started app there. */
async function makeNodeWithRule() {
  const node = await makeNode();
  const instance = await makeInstance(node);
  const facts = factsWithRule("machine-1", "colab");
  const agent = await connect(node.key, { facts, instances: [observedOf(instance.id)] });
  return { node, instance, agent };
}

function tellFacts(agent: FakeAgent, facts: ReturnType<typeof factsWithRule>): void {
  agent.send({ type: "agent.facts", agentVersion: "0.0.0-test", facts });
}

describe("app URLs on a platform with a rule", () => {
  it("[AC8] are refused with the rule until an admin confirms, who is remembered", async () => {
    const { node, instance, agent } = await makeNodeWithRule();
    const open = `/api/instances/${instance.id}/open`;
    const refused = await refusal("POST", open);
    expect(refused).toMatchObject({ status: 409, code: "apps_not_confirmed" });
    expect(refused.hint).toContain("What colab wants.");
    const before = { allowed: false, rule: "What colab wants.", confirmedAt: null, confirmedBy: null };
    expect((await nodeOf(node)).appUrls).toEqual(before);
    const { appUrls } = await confirm(node, true);
    expect(appUrls).toMatchObject({ allowed: true, rule: "What colab wants.", confirmedBy: "preset key" });
    expect(Date.parse(appUrls.confirmedAt ?? "")).toBeGreaterThan(0);
    const app = await openApp(node, agent, instance);
    const answer = app.fetch("/");
    agent.reply((await agent.nextFrame("open")).stream, 200);
    expect((await answer).status).toBe(200);
  });

  it("[AC8] end with their streams and grants when the confirmation is taken back", async () => {
    const { node, instance, agent } = await makeNodeWithRule();
    await confirm(node, true);
    const app = await openApp(node, agent, instance);
    const waiting = app.fetch("/slow");
    const { stream } = await agent.nextFrame("open");
    expect((await confirm(node, false)).appUrls).toMatchObject({ allowed: false, confirmedAt: null });
    expect((await agent.nextFrame("reset", stream)).stream).toBe(stream);
    expect((await waiting).status).toBeGreaterThanOrEqual(500);
    expect((await app.fetch("/")).status).toBe(401);
    expect(await refusal("POST", `/api/instances/${instance.id}/open`)).toMatchObject({ code: "apps_not_confirmed" });
  });

  it("[AC8] end when the node moves there, and a confirmation for one platform is none for another", async () => {
    const app = await makeApp();
    expect((await nodeOf(app.node)).appUrls).toMatchObject({ allowed: true, rule: null });
    tellFacts(app.agent, factsWithRule("machine-1", "colab"));
    await eventually(async () => expect((await app.fetch("/")).status).toBe(401));
    await confirm(app.node, true);
    tellFacts(app.agent, factsWithRule("machine-1", "kaggle"));
    await eventually(async () => {
      expect((await nodeOf(app.node)).appUrls).toMatchObject({ allowed: false, rule: "What kaggle wants." });
    });
  });

  it("need no confirmation elsewhere, and say so", async () => {
    const { node } = await makeApp();
    const refused = await refusal("PATCH", `/api/nodes/${node.id}`, { appUrlsConfirmed: true });
    expect(refused).toMatchObject({ status: 409, code: "conflict" });
    expect((await confirm(node, false)).appUrls).toMatchObject({ allowed: true });
  });
});
