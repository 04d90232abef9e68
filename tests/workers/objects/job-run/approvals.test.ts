import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { approvals } from "../../../../workers/db/approvals.ts";
import { standingApprovals } from "../../../../workers/db/standing-approvals.ts";
import { jobRun } from "../../../../workers/services/objects.ts";
import { db, env, migrate } from "../harness.ts";
import * as h from "./harness.ts";
import { type ScriptedModel, scriptModel } from "./scripted-model.ts";
import { done } from "./tool-node.ts";

let model: ScriptedModel;
beforeAll(async () => {
  await migrate();
  await h.plantProvider("model.test");
});
afterEach(() => model.restore());

const ASK = { default: "ask", execCommand: true, rules: [{ tool: "read_file", decision: "allow" }] } as const;
const ask = { ...ASK, rules: [...ASK.rules] };
const exec = { name: "exec_command", arguments: { command: "df" } };
const askOnce = (call: { name: string; arguments: unknown } = exec) => {
  model = scriptModel({
    "model.test": (_, turn) => (turn === 1 ? { calls: [call] } : { text: "done" }),
  });
};

async function waitingRun(spec: Record<string, unknown> = {}, behaviour = () => done("ok")) {
  const { node, tools } = await h.makeOpenNode(ask, behaviour);
  const id = await h.plantRun({ nodes: [node.id], tools: ["exec_command", "write_file"], ...spec });
  await jobRun(env, id).begin();
  await h.reached(id, "waiting");
  const approval = await h.pendingApproval(id);
  await vi.waitUntil(async () => (await h.alarmOf(id)) === approval.expiresAt.getTime(), { timeout: 5_000 });
  return { id, node, tools, approval };
}

describe("a call that a person is asked about", () => {
  it("is shown with its arguments, and made once when it is approved, however often that is said", async () => {
    askOnce();
    const { id, tools, approval } = await waitingRun();
    expect(approval).toMatchObject({ kind: "tool", tool: "exec_command", arguments: { command: "df" }, diff: null });
    expect(tools.puts).toEqual([]);
    await Promise.all([h.decide(approval.id, "approved"), h.decide(approval.id, "approved")]);
    await jobRun(env, id).decided();
    await h.reached(id, "succeeded");
    await jobRun(env, id).decided();
    expect(tools.puts).toEqual([`${id}-2`]);
    expect(tools.executed[0]?.request.approval).toEqual({ id: approval.id, digest: approval.digest });
  });

  it("costs nothing meanwhile: no alarm but its expiry's, no minutes, and no memory", async () => {
    askOnce();
    const { id, approval } = await waitingRun({ limits: { minutes: 0.1, approvalHours: 24 } });
    expect(await h.alarmOf(id)).toBe(approval.expiresAt.getTime());
    await evictDurableObject(h.stubOf(id));
    await runInDurableObject(h.stubOf(id), (_run, state) => {
      const { value } = state.storage.sql.exec<{ value: string }>(`SELECT value FROM facts WHERE name = 'clock'`).one();
      expect(JSON.parse(value)).toMatchObject({ sinceMs: null });
    });
    await h.decide(approval.id, "approved");
    await h.reached(id, "succeeded");
  });

  it("is not made when it is denied: the model reads why", async () => {
    askOnce();
    const { id, tools, approval } = await waitingRun();
    await h.decide(approval.id, "denied", "not on Fridays");
    await h.reached(id, "succeeded");
    expect(await h.toolSteps(id)).toMatchObject([
      { status: "refused", result: "Ada denied this call. The reason: not on Fridays", approval: approval.id },
    ]);
    expect(tools.puts).toEqual([]);
  });

  it("is not made when nobody decides in time", async () => {
    askOnce();
    const { id, tools, approval } = await waitingRun();
    await db
      .update(approvals)
      .set({ expiresAt: new Date(1) })
      .where(eq(approvals.id, approval.id));
    await h.ring(id);
    await h.reached(id, "succeeded");
    expect((await h.approvalsOf(id)).map(({ status }) => status)).toEqual(["expired"]);
    expect(await h.toolSteps(id)).toMatchObject([
      { status: "refused", result: "Nobody decided on this call in time." },
    ]);
    expect(tools.puts).toEqual([]);
  });

  it("is not asked about again where it was approved for always", async () => {
    askOnce();
    const { id, node, approval } = await waitingRun();
    const { jobId } = await h.runRow(id);
    await db
      .insert(standingApprovals)
      .values({ jobId, nodeId: node.id, digest: approval.digest, approvalId: approval.id });
    await jobRun(env, id).cancel("Ada");
    model.restore();
    askOnce();
    const again = await h.plantRun({ nodes: [node.id], tools: ["exec_command"] });
    await env.DB.prepare("UPDATE runs SET job_id = ? WHERE id = ?").bind(jobId, again).run();
    await h.runToEnd(again);
    expect(await h.approvalsOf(again)).toEqual([]);
  });

  it("is asked about too when only the node's policy wants that", async () => {
    const { node } = await h.makeOpenNode(h.OPEN_POLICY, ({ request }) => {
      if (request.approval) return done("ok");
      return { state: "refused", code: "needs_approval", message: "ask first" };
    });
    askOnce();
    const id = await h.plantRun({ nodes: [node.id], tools: ["exec_command"] });
    await jobRun(env, id).begin();
    await h.decide((await h.pendingApproval(id)).id, "approved");
    await h.reached(id, "succeeded");
  });

  it("does not keep the other calls of its turn from being made", async () => {
    const { node, tools } = await h.makeOpenNode(ask);
    const readCall = { name: "read_file", arguments: { path: "workspace/a" } };
    model = scriptModel({ "model.test": (_, turn) => (turn === 1 ? { calls: [exec, readCall] } : { text: "done" }) });
    const id = await h.plantRun({ nodes: [node.id], tools: ["exec_command", "read_file"] });
    await jobRun(env, id).begin();
    await h.reached(id, "waiting");
    expect(tools.executed.map(({ request }) => request.tool)).toEqual(["read_file"]);
  });

  it("shows what a write would change", async () => {
    askOnce({ name: "write_file", arguments: { path: "workspace/a", content: "one\nthree\n" } });
    const { approval } = await waitingRun({}, () => done("one\ntwo\n"));
    expect(approval.diff).toContain("-two\n+three");
  });

  it("is withdrawn when its run is cancelled", async () => {
    askOnce();
    const { id } = await waitingRun();
    await jobRun(env, id).cancel("Ada");
    expect((await h.runRow(id)).status).toBe("cancelled");
    expect((await h.approvalsOf(id)).map(({ status }) => status)).toEqual(["withdrawn"]);
    expect(await h.alarmOf(id)).toBeNull();
  });
});

describe("a call whose outcome nobody knows", () => {
  const unknown = { state: "unknown", message: "its keeper was killed" } as const;

  async function unknownRun(onUnknown: string) {
    const first = { isFirst: true };
    const { node, tools } = await h.makeOpenNode(h.OPEN_POLICY, () => {
      const answer = first.isFirst ? unknown : done("done now");
      first.isFirst = false;
      return answer;
    });
    askOnce();
    const id = await h.plantRun({ nodes: [node.id], tools: ["exec_command"], onUnknown });
    await jobRun(env, id).begin();
    return { id, tools };
  }

  it("waits for a person, and is made under a new id when that person says so", async () => {
    const { id, tools } = await unknownRun("ask");
    const approval = await h.pendingApproval(id);
    expect(approval.kind).toBe("unknown");
    await h.reached(id, "waiting");
    expect(await h.toolSteps(id)).toMatchObject([{ status: "unknown" }]);
    await h.decide(approval.id, "approved");
    await h.reached(id, "succeeded");
    expect(tools.puts).toEqual([`${id}-2`, `${id}-3`]);
    expect(model.questions[1]?.messages.at(-1)).toMatchObject({ role: "tool", content: "done now" });
  });

  it("stays unknown when a person denies making it again", async () => {
    const { id, tools } = await unknownRun("ask");
    await h.decide((await h.pendingApproval(id)).id, "denied");
    await h.reached(id, "succeeded");
    expect(tools.puts).toEqual([`${id}-2`]);
    expect(await h.toolSteps(id)).toMatchObject([{ status: "unknown", result: expect.stringContaining("denied") }]);
  });

  it("fails the run, or is told to the model, as the job says", async () => {
    const failing = await unknownRun("fail");
    expect((await h.reached(failing.id, "failed")).failure?.code).toBe("unknown_outcome");
    model.restore();
    const going = await unknownRun("continue");
    await h.reached(going.id, "succeeded");
    expect(model.questions[1]?.messages.at(-1)?.content).toContain("Nobody knows whether this call was carried out");
    expect(going.tools.puts).toHaveLength(1);
  });

  it("is just made again when it only reads", async () => {
    const first = { isFirst: true };
    const { node, tools } = await h.makeOpenNode(h.OPEN_POLICY, () => {
      const answer = first.isFirst ? unknown : done("read");
      first.isFirst = false;
      return answer;
    });
    askOnce({ name: "read_file", arguments: { path: "workspace/a" } });
    const id = await h.plantRun({ nodes: [node.id], tools: ["read_file"] });
    await h.runToEnd(id);
    expect(tools.puts).toEqual([`${id}-2`, `${id}-3`]);
  });
});

it("a decision wakes a run that waits for another call at the same time", async () => {
  const { node, tools } = await h.makeOpenNode(ask, ({ request }) => {
    return request.tool === "read_file" ? "no answer" : done("ok");
  });
  const readCall = { name: "read_file", arguments: { path: "workspace/a" } };
  model = scriptModel({ "model.test": () => ({ calls: [exec, readCall] }) });
  const id = await h.plantRun({ nodes: [node.id], tools: ["exec_command", "read_file"] });
  await jobRun(env, id).begin();
  await h.decide((await h.pendingApproval(id)).id, "approved");
  await vi.waitUntil(() => tools.executed.some(({ request }) => request.tool === "exec_command"));
  await jobRun(env, id).cancel("Ada");
});
