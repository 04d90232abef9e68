import type { Approval } from "@roundhouse/protocol/api/run";
import { newId } from "@roundhouse/protocol/ids";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvals } from "../../../workers/db/approvals.ts";
import { type Answer, type Harness, makeHarness, makeKey, PRESET_KEY } from "./harness.ts";
import { makePool, type Pool } from "./pool.ts";

const HOUR = 3_600_000;
let h: Harness;
let pool: Pool;
let job: string;
let run: string;

beforeAll(async () => {
  h = await makeHarness();
  pool = await makePool(h);
});

beforeEach(async () => {
  job = await pool.create();
  run = (await pool.ask("POST", `/api/jobs/${job}/run`)).body.id;
});

const approvalOf = (answer: Answer): Approval => answer.body as unknown as Approval;

async function makeApproval(change: Partial<typeof approvals.$inferInsert> = {}): Promise<string> {
  const id = newId("approval");
  const call = { tool: "write_file", arguments: { path: "workspace/a", content: "b" }, digest: `digest of ${id}` };
  await h.db.insert(approvals).values({
    ...{ id, kind: "tool", runId: run, jobId: job, jobName: "job", nodeId: pool.node.id, nodeName: "box" },
    ...{ ...call, status: "pending", createdAt: new Date(), expiresAt: new Date(Date.now() + HOUR), ...change },
  });
  return id;
}

function decide(id: string, decision: "approve" | "deny", extra: object = {}, as = PRESET_KEY): Promise<Answer> {
  return pool.ask("POST", `/api/approvals/${id}`, { decision, ...extra }, { as });
}

const standing = async () =>
  (await h.env.DB.prepare("SELECT * FROM standing_approvals WHERE job_id = ?").bind(job).all()).results;

describe("an approval", () => {
  it("is decided once, in the name of who decided, and its run is told", async () => {
    const id = await makeApproval();
    h.calls.length = 0;
    const answer = await decide(id, "deny", { reason: "not on a Friday" });
    expect([answer.status, approvalOf(answer)]).toEqual([
      200,
      expect.objectContaining({ status: "denied", decidedBy: "preset key", reason: "not on a Friday", run, job }),
    ]);
    expect(h.calls).toContainEqual({ object: run, method: "decided", argument: undefined });
    expect(await standing()).toEqual([]);
  });

  it("approved twice by the same person is answered alike, and stays as it was", async () => {
    const id = await makeApproval();
    const first = await decide(id, "approve", { reason: "fine" });
    const second = await decide(id, "approve", { reason: "other words" });
    expect([second.status, approvalOf(second)]).toEqual([200, approvalOf(first)]);
  });

  it("is refused to everybody who comes later and decides otherwise, or is somebody else", async () => {
    const id = await makeApproval();
    const { key } = await makeKey(h, "operator");
    await decide(id, "approve");
    for (const late of [
      await decide(id, "deny"),
      await decide(id, "approve", {}, key),
      await decide(id, "deny", {}, key),
    ]) {
      expect([late.status, late.body.error.code]).toEqual([409, "already_decided"]);
      expect(late.body.error.message).toMatch(/^This was approved by preset key at /);
      expect(late.body.error.details).toMatchObject({ status: "approved", run });
    }
  });

  it("has one winner among many who decide at once", async () => {
    const id = await makeApproval();
    const keys = await Promise.all([1, 2, 3, 4].map((n) => makeKey(h, "operator", { name: `racer ${n}` })));
    const answers = await Promise.all(
      keys.map(({ key }, index) => decide(id, index % 2 === 0 ? "approve" : "deny", {}, key)),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
    const stored = approvalOf(await pool.ask("GET", `/api/approvals/${id}`));
    expect(stored).toEqual(approvalOf(winners[0]!));
  });

  it("that expired, or was withdrawn, is decided no more", async () => {
    const expired = await makeApproval({ expiresAt: new Date(Date.now() - 1) });
    expect(approvalOf(await pool.ask("GET", `/api/approvals/${expired}`)).status).toBe("expired");
    const withdrawn = await makeApproval({ status: "withdrawn" });
    for (const [id, words] of [
      [expired, "This expired at"],
      [withdrawn, "This was withdrawn"],
    ] as const) {
      const answer = await decide(id, "approve");
      expect([answer.body.error.code, answer.body.error.message]).toEqual([
        "already_decided",
        expect.stringContaining(words),
      ]);
    }
    expect((await decide("ap_nothing", "approve")).status).toBe(404);
  });

  it("for always stands for exactly that call of that job on that node, however often it is said", async () => {
    const id = await makeApproval();
    await decide(id, "approve");
    expect(await standing()).toEqual([]);
    for (let count = 0; count < 2; count += 1) {
      expect((await decide(id, "approve", { always: true })).status).toBe(200);
      expect(await standing()).toEqual([
        { job_id: job, node_id: pool.node.id, digest: `digest of ${id}`, approval_id: id },
      ]);
    }
  });

  it("for always is not to be had for a denial, an unknown outcome, or from who did not approve", async () => {
    for (const [id, decision] of [
      [await makeApproval(), "deny"],
      [await makeApproval({ kind: "unknown" }), "approve"],
      [await makeApproval({ nodeId: null }), "approve"],
    ] as const) {
      const answer = await decide(id, decision, { always: true });
      expect([answer.body.error.code, answer.body.error.message]).toEqual([
        "invalid_input",
        expect.stringMatching(/^always: /),
      ]);
      expect(approvalOf(await pool.ask("GET", `/api/approvals/${id}`)).status).toBe("pending");
    }
    const taken = await makeApproval();
    const { key } = await makeKey(h, "operator");
    await decide(taken, "approve", {}, key);
    expect((await decide(taken, "approve", { always: true })).status).toBe(409);
    expect(await standing()).toEqual([]);
  });

  it("of a job that was deleted is decided, and stands for nothing", async () => {
    const id = await makeApproval();
    await pool.ask("DELETE", `/api/jobs/${job}`);
    expect((await decide(id, "approve", { always: true })).status).toBe(200);
    expect(await standing()).toEqual([]);
  });
});

describe("the list of approvals", () => {
  it("has those that wait first, then the newest, page by page", async () => {
    const hour = (hours: number) => new Date(Date.now() - hours * HOUR);
    const oldPending = await makeApproval({ createdAt: hour(5) });
    const denied = await makeApproval({ createdAt: hour(2), status: "denied" });
    const newPending = await makeApproval({ createdAt: hour(3) });
    const approved = await makeApproval({ createdAt: hour(1), status: "approved" });
    const seen: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await pool.ask("GET", `/api/approvals?run=${run}&limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item) => item["id"]));
      cursor = body.cursor;
    }
    expect(seen).toEqual([newPending, oldPending, approved, denied]);
  });

  it("counts one whose time is over as expired", async () => {
    const id = await makeApproval({ expiresAt: new Date(Date.now() - 1) });
    const list = async (status: string) =>
      (await pool.ask("GET", `/api/approvals?run=${run}&status=${status}`)).body.items.map((item) => item["id"]);
    expect([await list("pending"), await list("expired"), await list("approved")]).toEqual([[], [id], []]);
  });
});
