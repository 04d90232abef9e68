import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import type { Run, Step } from "@roundhouse/protocol/api/run";
import { newId } from "@roundhouse/protocol/ids";
import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvals } from "../../../workers/db/approvals.ts";
import { runs } from "../../../workers/db/runs.ts";
import { showRun } from "../../../workers/mcp/shown-run.ts";
import type { Caller } from "../../../workers/mcp/tool.ts";
import { followRun } from "../../../workers/mcp/wait.ts";
import { makeContext } from "../../../workers/services/context.ts";
import { type Harness, makeHarness, makeKey, PRESET_KEY } from "../api/harness.ts";
import { makePool, type Pool } from "../api/pool.ts";
import { callTool, messagesOf, post, refusal, type ToolResult } from "./client.ts";

const HOUR = 3_600_000;
let h: Harness;
let pool: Pool;
let job: string;
let jobName: string;
let operator: { id: string; key: string };

beforeAll(async () => {
  h = await makeHarness();
  pool = await makePool(h);
  operator = await makeKey(h, "operator");
});
beforeEach(async () => {
  job = await pool.create();
  jobName = String((await pool.ask("GET", `/api/jobs/${job}`)).body["name"]);
  await h.env.DB.prepare("DELETE FROM audit").run();
});

const call = (tool: string, args: object) => callTool(h, tool, args, { as: operator.key });
const runOf = ({ structuredContent }: ToolResult) => structuredContent["run"] as unknown as Run;
const start = async (args: object = {}): Promise<Run> => runOf(await call("run_job", { job, ...args }));

async function entries(): Promise<AuditEntry[]> {
  return (await h.send("GET", "/api/audit", { as: PRESET_KEY })).body.items as unknown as AuditEntry[];
}

const set = (id: string, change: Partial<typeof runs.$inferInsert>) =>
  h.db.update(runs).set(change).where(eq(runs.id, id));

async function askAbout(run: string, change: Partial<typeof approvals.$inferInsert> = {}): Promise<string> {
  const id = newId("approval");
  const asked = { tool: "write_file", arguments: { path: "workspace/a", content: "b" }, digest: id };
  await h.db.insert(approvals).values({
    ...{ id, kind: "tool", runId: run, jobId: job, jobName, nodeId: pool.node.id, nodeName: "box" },
    ...{ ...asked, status: "pending", createdAt: new Date(), expiresAt: new Date(Date.now() + HOUR), ...change },
  });
  return id;
}

describe("list_jobs and run_job", () => {
  it("list a job with its last run, without its instructions", async () => {
    const { id } = await start();
    const { structuredContent, content } = await call("list_jobs", { limit: 100 });
    expect(structuredContent["items"]).toContainEqual(
      expect.objectContaining({ id: job, lastRun: expect.objectContaining({ id }) }),
    );
    expect(JSON.stringify(structuredContent)).not.toContain("instructions");
    expect(content[0]?.text).toContain(`${jobName} (${job}): m on ${pool.node.id}; last run ${id} queued`);
  });

  it("start a run by the job's name, in the name of the key, and record it", async () => {
    h.calls.length = 0;
    const run = await start({ job: jobName.toUpperCase(), dry: true, data: { why: "test" } });
    expect(run).toMatchObject({ job, status: "queued", dry: true, trigger: { kind: "person", by: "operator key" } });
    expect(h.calls).toContainEqual({ object: "scheduler", method: "admit", argument: run.id });
    expect(await entries()).toMatchObject([
      {
        ...{ action: "run", entity: "job", entityId: job, entityName: jobName, detail: `made: ${run.id}, via: mcp` },
        actor: { id: operator.id },
      },
    ]);
  });

  it("with the same key are the same run", async () => {
    const first = await start({ idempotencyKey: "once" });
    expect((await start({ idempotencyKey: "once" })).id).toBe(first.id);
    expect((await start({ idempotencyKey: "twice" })).id).not.toBe(first.id);
  });
});

describe("waiting for a run", () => {
  const later = (ms: number) => new Promise((done) => void setTimeout(done, ms));

  /** Starts with a token for progress, and does something with the run once it is there. */
  async function follow(waitSeconds: number, then: (run: string) => Promise<unknown>, as = operator.key) {
    const params = { name: "run_job", arguments: { job, waitSeconds }, _meta: { progressToken: "p1" } };
    const answer = post(h, { jsonrpc: "2.0", id: 1, method: "tools/call", params }, { as });
    let run: string | undefined;
    while (run === undefined) {
      const [row] = await h.db.select({ id: runs.id }).from(runs).where(eq(runs.jobId, job));
      run = row?.id;
    }
    await then(run);
    const messages = await messagesOf(await answer);
    const last = messages.at(-1)?.result;
    if (!last) throw new Error("no result came");
    return { run, last, progress: messages.slice(0, -1).map(({ params }) => params) };
  }

  it("tells its progress, and ends with it", async () => {
    const { run, last, progress } = await follow(30, async (id) => {
      await set(id, { status: "running", turns: 1, doing: "read_file on box" });
      void later(1500).then(() => set(id, { status: "succeeded", output: "all is well", doing: null }));
    });
    expect(last.structuredContent).toMatchObject({ run: { id: run, status: "succeeded", output: "all is well" } });
    expect(last.content[0]?.text).toContain("Its model said: all is well");
    expect(progress.length).toBeGreaterThanOrEqual(2);
    expect(progress.every((one) => one?.progressToken === "p1" && one.total === 30)).toBe(true);
    expect(progress.map((one) => one?.message)).toContain("running, turn 1, read_file on box");
    const values = progress.map((one) => one?.progress ?? -1);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });

  it("ends when it asks for an approval, and names it", async () => {
    let asked = "";
    const { last } = await follow(30, async (id) => {
      asked = await askAbout(id);
      await set(id, { status: "waiting" });
    });
    expect(last.structuredContent["approvals"]).toMatchObject([{ id: asked, tool: "write_file", nodeName: "box" }]);
    expect(last.content[0]?.text).toContain(`It waits for approval ${asked}: write_file on box`);
  });

  it("ends when the time is up, with the run as it is, and it is recorded once", async () => {
    const begin = Date.now();
    const { last } = await follow(1, async () => undefined);
    expect(Date.now() - begin).toBeLessThan(5000);
    expect(last.structuredContent).toMatchObject({ run: { status: "queued" }, approvals: [] });
    expect(await entries()).toHaveLength(1);
    expect(await refusal(h, "run_job", { job, waitSeconds: 301 })).toContain("waitSeconds: 301 is not valid");
  });

  it("ends within seconds of the key's end, and the run goes on", async () => {
    const { id, key } = await makeKey(h, "operator");
    const begin = Date.now();
    const revoke = () => h.send("DELETE", `/api/keys/${id}`, { as: PRESET_KEY });
    const { run, last } = await follow(30, revoke, key);
    expect(Date.now() - begin).toBeLessThan(4000);
    expect(last).toMatchObject({ isError: true });
    expect(last.content[0]?.text).toMatch(/^unauthenticated: /);
    expect(runOf(await call("get_run", { run })).status).toBe("queued");
  });
});

describe("a client that goes away", () => {
  it("is not waited for any longer", async () => {
    const shown = await showRun(makeContext(h.env, { type: "presetKey" }), await start());
    const gone = new AbortController();
    let looks = 0;
    const caller: Caller = {
      ...{ ctx: makeContext(h.env, { type: "presetKey" }), from: "unknown", signal: gone.signal },
      progress: async () => undefined,
      requireRole: async () => void (looks += 1),
    };
    const begin = Date.now();
    setTimeout(() => gone.abort(), 200);
    expect((await followRun(caller, shown, 60)).run.status).toBe("queued");
    expect(Date.now() - begin).toBeLessThan(2000);
    expect(looks).toBe(1);
  });
});

describe("get_run", () => {
  const at = { startedAt: "2026-01-01T00:00:00.000Z", endedAt: null };
  const tool = (seq: number): Step => ({
    ...{ kind: "tool", seq, turn: seq, ...at, status: "succeeded", callId: `c${seq}`, tool: "read_file", node: "box" },
    ...{ arguments: { path: "p".repeat(2000) }, result: "r".repeat(9000), exitCode: null, approval: null },
  });

  function hasSteps(steps: Step[]): void {
    h.env.JOB_RUN = { getByName: () => ({ steps: async () => steps }) } as never;
  }

  it("answers a run with what its model said, and its tools did", async () => {
    const { id } = await start();
    hasSteps([
      { kind: "note", seq: 1, turn: 0, ...at, text: "began" },
      {
        ...{ kind: "model", seq: 2, turn: 1, ...at, status: "succeeded", provider: "p", model: "m", attempts: 1 },
        ...{ usage: null, text: "Let me look.", error: null },
      },
      tool(3),
    ]);
    const { structuredContent, content } = await call("get_run", { run: id });
    expect(structuredContent).toMatchObject({ run: { id, status: "queued" }, approvals: [], nextAfterStep: null });
    const steps = structuredContent["steps"] as unknown as { text: string; arguments: string }[];
    expect(steps.map(({ text }) => text.slice(0, 12))).toEqual(["began", "Let me look.", "rrrrrrrrrrrr"]);
    expect(steps[2]).toMatchObject({ what: "read_file", node: "box", status: "succeeded" });
    expect(steps[2]?.text).toMatch(/r… \[7500 more characters\]$/);
    expect(steps[2]?.arguments).toMatch(/^\{"path":"p+… \[\d+ more characters\]$/);
    expect(content[0]?.text).toMatch(
      /\n1\. note: noted\nbegan\n2\. model m: succeeded\nLet me look\.\n3\. tool read_file /,
    );
  });

  it("answers a long run in pieces that fit, and nothing twice", async () => {
    const { id } = await start();
    hasSteps(Array.from({ length: 40 }, (_, index) => tool(index + 1)));
    const seen: number[] = [];
    let afterStep: number | null = 0;
    while (afterStep !== null) {
      const { structuredContent, content } = await call("get_run", { run: id, afterStep });
      expect(content[0]?.text.length).toBeLessThan(32 * 1024);
      const piece = structuredContent as unknown as { steps: { seq: number }[]; nextAfterStep: number | null };
      seen.push(...piece.steps.map(({ seq }) => seq));
      if (piece.nextAfterStep !== null)
        expect(content[0]?.text).toContain(`read on with afterStep ${piece.nextAfterStep}`);
      afterStep = piece.nextAfterStep;
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });
});

describe("cancel_run", () => {
  it("cancels it in the name of the key and records it; one that is over stays as it is", async () => {
    Object.assign(h, await makeHarness());
    const { id } = await start();
    const answer = await call("cancel_run", { run: id });
    expect(runOf(answer).id).toBe(id);
    expect(h.calls).toContainEqual({ object: id, method: "cancel", argument: "operator key" });
    expect((await entries())[0]).toMatchObject({ action: "cancel", entity: "run", entityId: id, detail: "via: mcp" });
    await set(id, { status: "failed", failure: { code: "time_limit", message: "It took too long." } });
    h.calls.length = 0;
    expect((await call("cancel_run", { run: id })).content[0]?.text).toContain("time_limit: It took too long.");
    expect(h.calls).toEqual([]);
    expect(await refusal(h, "cancel_run", { run: "rn_nothing" })).toMatch(/^not_found/);
  });
});

describe("list_approvals and answer_approval", () => {
  it("show what waits for a person, and the more of a call the fewer there are", async () => {
    const { id: run } = await start();
    const content = "c".repeat(30_000);
    for (let count = 0; count < 4; count += 1)
      await askAbout(run, { arguments: { path: "a", content }, diff: "+c\n".repeat(9000) });
    const listed = await call("list_approvals", { run, status: "pending" });
    const items = listed.structuredContent["items"] as unknown as { arguments: string; diff: string }[];
    expect(items).toHaveLength(4);
    expect(listed.content[0]?.text.length).toBeLessThan(32 * 1024);
    const one = await call("list_approvals", { run, status: "pending", limit: 1 });
    const [alone] = one.structuredContent["items"] as unknown as { arguments: string }[];
    expect(alone?.arguments.length).toBeGreaterThan(3 * (items[0]?.arguments.length ?? Infinity));
    expect(alone?.arguments).toMatch(/more characters\]$/);
  });

  it("decide once, with the reason, in the name of the key, and record it", async () => {
    const { id: run } = await start();
    const denied = await askAbout(run);
    const approved = await askAbout(run);
    const deny = { approval: denied, decision: "deny", reason: "not on a Friday" };
    const { structuredContent, content } = await call("answer_approval", deny);
    expect(structuredContent).toMatchObject({
      id: denied,
      status: "denied",
      reason: "not on a Friday",
      decidedBy: "operator key",
    });
    expect(content[0]?.text).toContain("by operator key: not on a Friday");
    await call("answer_approval", { approval: approved, decision: "approve" });
    expect(h.calls).toContainEqual({ object: run, method: "decided", argument: undefined });
    expect(await refusal(h, "answer_approval", { approval: denied, decision: "approve" })).toMatch(
      /^already_decided: /,
    );
    expect((await entries()).slice(0, 2)).toMatchObject([
      { action: "decide", entity: "approval", entityId: approved, detail: "approved, via: mcp" },
      { action: "decide", entity: "approval", entityId: denied, detail: "denied, via: mcp" },
    ]);
  });
});
