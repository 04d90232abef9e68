import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Env } from "../../../../workers/env.ts";
import { jobRun } from "../../../../workers/services/objects.ts";
import { openArguments, sealArguments } from "../../../../workers/services/tool/sealed.ts";
import { env, migrate } from "../harness.ts";
import * as h from "./harness.ts";
import { type ScriptedModel, scriptModel } from "./scripted-model.ts";
import { done } from "./tool-node.ts";

let model: ScriptedModel;
const CANARIES = {
  OWN: "canary-of-the-job-1",
  KEY: "canary-of-the-provider-2",
  NOTIFY: `whsec_${btoa("canary-of-the-notification-3")}`,
};
beforeAll(async () => {
  await migrate();
  for (const [name, value] of Object.entries(CANARIES)) await h.plantSecret(name, value);
  await h.plantProvider("model.test", { secretName: "KEY" });
});
afterEach(() => model.restore());

const spec = {
  tools: ["exec_command", "read_file"],
  secrets: ["OWN"],
  notify: { url: "https://hooks.example.com/x", secret: "NOTIFY" },
};
const NEW_KEY = "bmV3LW1hc3Rlci1rZXktdGhhdC1pcy0zMi1ieXRlcw";
const all = Object.values(CANARIES).join(" ");

it("secrets are in nothing that a run stores, shows or asks a model, but in what its node is sent", async () => {
  const { node, tools } = await h.makeOpenNode({ ...h.OPEN_POLICY, default: "ask" }, () => done(`result ${all}`));
  const call = { name: "exec_command", arguments: { command: "echo", args: [all] } };
  const sent: string[] = [];
  model = scriptModel(
    {
      "model.test": (_, turn) =>
        turn === 1 ? { text: `I say ${all}`, calls: [call, { name: all, arguments: {} }] } : { text: `Last ${all}` },
    },
    async (request) => {
      sent.push(await request.text());
      return new Response(null, { status: 204 });
    },
  );
  const id = await h.plantRun({ ...spec, nodes: [node.id], instructions: `Use ${all}` }, { data: { all } });
  await jobRun(env, id).begin();
  const approval = await h.pendingApproval(id);
  const whileWaiting = await h.everythingStored(id);
  await h.decide(approval.id, "approved", `because ${CANARIES.OWN.slice(0, 3)}`);
  await h.reached(id, "succeeded");
  await vi.waitUntil(() => sent.length === 1);
  const told = [whileWaiting, await h.everythingStored(id), JSON.stringify(model.questions), ...sent].join("\n");
  for (const canary of Object.values(CANARIES)) expect(told).not.toContain(canary);
  expect(tools.executed[0]?.request.arguments).toEqual({ command: "echo", args: [all], timeoutSeconds: 120 });
});

it("a call that waits while the master key is replaced is made with the arguments that it was approved with", async () => {
  const { node, tools } = await h.makeOpenNode({ ...h.OPEN_POLICY, default: "ask" });
  const call = { name: "exec_command", arguments: { command: "echo", args: [CANARIES.OWN] } };
  model = scriptModel({ "model.test": (_, turn) => (turn === 1 ? { calls: [call] } : { text: "done" }) });
  const id = await h.plantRun({ tools: ["exec_command"], secrets: ["OWN"], nodes: [node.id] });
  await jobRun(env, id).begin();
  const approval = await h.pendingApproval(id);
  const replace = (keys: Partial<Env>) =>
    runInDurableObject(h.stubOf(id), (run) => void Object.assign((run as unknown as { env: Env }).env, keys));
  const former = env.MASTER_KEY;
  await replace({ MASTER_KEY: NEW_KEY, MASTER_KEY_PREVIOUS: former });
  try {
    await h.decide(approval.id, "approved");
    await h.reached(id, "succeeded");
  } finally {
    await replace({ MASTER_KEY: former, MASTER_KEY_PREVIOUS: undefined });
  }
  expect(tools.executed[0]?.request.arguments).toMatchObject({ command: "echo", args: [CANARIES.OWN] });
});

it("sealed arguments open under the present key and the former one, for their own run, and say what is missing else", async () => {
  const former = { MASTER_KEY: env.MASTER_KEY };
  const [args, present] = [{ command: "df" }, { MASTER_KEY: NEW_KEY, MASTER_KEY_PREVIOUS: former.MASTER_KEY }];
  expect(await openArguments(present, "rn_1", await sealArguments(former, "rn_1", args))).toEqual(args);
  const sealed = await sealArguments(present, "rn_1", args);
  expect(await openArguments({ MASTER_KEY: NEW_KEY }, "rn_1", sealed)).toEqual(args);
  const lost = { code: "conflict", hint: expect.stringContaining("MASTER_KEY_PREVIOUS") };
  await expect(openArguments(former, "rn_1", sealed)).rejects.toMatchObject(lost);
  await expect(openArguments(present, "rn_2", sealed)).rejects.toMatchObject(lost);
});

it("secrets are not in the words of a provider that fails", async () => {
  const { node } = await h.makeOpenNode();
  model = scriptModel(
    { "model.test": () => ({ status: 401, error: `bad key ${CANARIES.KEY}` }) },
    () => new Response(),
  );
  const id = await h.plantRun({ ...spec, nodes: [node.id] });
  expect((await h.runToEnd(id, "failed")).failure?.message).toContain("bad key");
  expect(await h.everythingStored(id)).not.toContain(CANARIES.KEY);
});

it("a fallback that was reached through a node that is gone stops no run, and its key does not show either", async () => {
  await h.plantSecret("LOST_KEY", "canary-of-the-lost-provider-4");
  await h.plantProvider("lost.test", { secretName: "LOST_KEY", viaNode: "nd_gone" });
  const { node } = await h.makeOpenNode();
  model = scriptModel({ "model.test": () => ({ text: "It was canary-of-the-lost-provider-4." }) });
  const id = await h.plantRun({ nodes: [node.id], fallbacks: [{ provider: "lost.test", model: "m" }] });
  expect((await h.runToEnd(id)).output).toBe("It was [secret].");
});

it("the end of a run is told once, signed", async () => {
  const { node } = await h.makeOpenNode();
  const notices: { body: string; headers: Record<string, string> }[] = [];
  model = scriptModel({ "model.test": () => ({ text: "done" }) }, async (request) => {
    notices.push({ body: await request.text(), headers: Object.fromEntries(request.headers) });
    return new Response(null, { status: 204 });
  });
  const id = await h.plantRun({ ...spec, nodes: [node.id] });
  await h.runToEnd(id);
  await vi.waitUntil(() => notices.length === 1);
  const [{ body, headers }] = notices as [(typeof notices)[0]];
  expect(JSON.parse(body)).toMatchObject({ type: "run.succeeded", data: { id, status: "succeeded", output: "done" } });
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  expect(headers["webhook-signature"]).toBe(`v1,${await hmacOf("canary-of-the-notification-3", signed)}`);
  await vi.waitUntil(async () => (await h.alarmOf(id)) === null);
});

it("a notification that is not taken is tried again, and one to a private address is given up", async () => {
  const { node } = await h.makeOpenNode();
  let asked = 0;
  model = scriptModel({ "model.test": () => ({ text: "done" }) }, () => {
    asked += 1;
    return new Response(null, { status: asked === 1 ? 500 : 204 });
  });
  const id = await h.plantRun({ ...spec, nodes: [node.id] });
  await h.runToEnd(id);
  await vi.waitUntil(() => asked === 2, { timeout: 10_000 });
  const inside = { ...spec, nodes: [node.id], notify: { url: "http://2130706433/x", secret: "NOTIFY" } };
  const refused = await h.plantRun(inside);
  await h.runToEnd(refused);
  await vi.waitUntil(async () => JSON.stringify(await h.stepsOf(refused)).includes("is not sent to"));
  expect(asked).toBe(2);
});

/** As Standard Webhooks say, by the runtime's own means. */
async function hmacOf(key: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
  return btoa(String.fromCharCode(...signature));
}
