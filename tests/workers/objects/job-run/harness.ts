/** Runs in workerd: rows as the control plane writes them, the object that leads each, and looks at what became of it. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import type { Step, ToolStep } from "@roundhouse/protocol/api/run";
import { NewJob } from "@roundhouse/protocol/api/job";
import { newId } from "@roundhouse/protocol/ids";
import type { Policy } from "@roundhouse/protocol/policy";
import { approvals } from "../../../../workers/db/approvals.ts";
import { nodes } from "../../../../workers/db/nodes.ts";
import { providers } from "../../../../workers/db/providers.ts";
import { runs } from "../../../../workers/db/runs.ts";
import { makeContext } from "../../../../workers/services/context.ts";
import { jobRun } from "../../../../workers/services/objects.ts";
import { putSecret } from "../../../../workers/services/secret/put.ts";
import { db, env, eventually, makeNode, type TestNode } from "../harness.ts";
import { type Behaviour, ToolNode } from "./tool-node.ts";

export { ToolNode };

export const OPEN_POLICY: Policy = { default: "allow", execCommand: true, rules: [] };

export async function makeOpenNode(
  policy: Policy = OPEN_POLICY,
  behaviour?: Behaviour,
): Promise<{ node: TestNode; tools: ToolNode }> {
  const node = await makeNode();
  await setPolicy(node, policy);
  return { node, tools: await ToolNode.connect(node, behaviour) };
}

export async function setPolicy(node: TestNode, policy: Policy): Promise<void> {
  await db.update(nodes).set({ policy }).where(eq(nodes.id, node.id));
}

export async function plantSecret(name: string, value: string): Promise<void> {
  await putSecret(makeContext(env, { type: "presetKey" }), name, value);
}

type ProviderParts = Partial<Pick<typeof providers.$inferInsert, "toolCalls" | "prices" | "secretName" | "viaNode">>;

/** Its base URL's host is its name: that is what a script is for. */
export async function plantProvider(name: string, parts: ProviderParts = {}): Promise<string> {
  const row = { id: newId("provider"), name, baseUrl: `http://${name}/v1`, toolCalls: "auto" as const, prices: {} };
  await db
    .insert(providers)
    .values({ ...row, createdAt: new Date(), ...parts })
    .onConflictDoNothing();
  return name;
}

type RunParts = { data?: unknown; dry?: boolean; id?: string };

/** A run that was asked for: its row, and the job's. Nobody has begun it. */
export async function plantRun(
  spec: Record<string, unknown>,
  { data = null, dry = false, id = newId("run") }: RunParts = {},
): Promise<string> {
  const instructions = "Do what is to be done.";
  const whole = NewJob.parse({ name: "job", instructions, provider: "model.test", model: "m", ...spec });
  const jobId = newId("job");
  await env.DB.prepare(
    "INSERT INTO jobs (id, name, spec, enabled, created_at, updated_at) VALUES (?, ?, '{}', 1, 1, 1)",
  )
    .bind(jobId, jobId)
    .run();
  const trigger = { kind: "person" as const, by: "Ada" };
  const row = { id, jobId, jobName: "job", status: "queued" as const, trigger, dry, spec: whole, data };
  await db.insert(runs).values({ ...row, createdAt: new Date() });
  return id;
}

export async function runRow(id: string) {
  const row = await db.query.runs.findFirst({ where: (table, { eq: is }) => is(table.id, id) });
  if (!row) throw new Error(`no run ${id}`);
  return row;
}

export function stubOf(id: string) {
  return env.JOB_RUN.getByName(id);
}

/** Waits until the run's row has this status. */
export function reached(id: string, status: string, patienceMs = 15_000) {
  return eventually(async () => {
    const row = await runRow(id);
    if (row.status !== status) {
      throw new Error(`run is ${row.status}, not ${status}: ${JSON.stringify(row.failure)} ${row.doing}`);
    }
    return row;
  }, patienceMs);
}

/** Begins a run and waits for its end. */
export async function runToEnd(id: string, status = "succeeded") {
  await jobRun(env, id).begin();
  return reached(id, status);
}

export function stepsOf(id: string): Promise<Step[]> {
  return jobRun(env, id).steps();
}

export async function toolSteps(id: string): Promise<ToolStep[]> {
  return (await stepsOf(id)).filter((step) => step.kind === "tool");
}

export function approvalsOf(runId: string) {
  return db.select().from(approvals).where(eq(approvals.runId, runId));
}

export function pendingApproval(runId: string) {
  return eventually(async () => {
    const found = (await approvalsOf(runId)).find((row) => row.status === "pending");
    if (!found) throw new Error("no approval is pending");
    return found;
  });
}

/** A person decides, as the API writes it. */
export async function decide(id: string, status: "approved" | "denied", reason: string | null = null) {
  const [row] = await db
    .update(approvals)
    .set({ status, reason, decidedBy: "Ada", decidedAt: new Date() })
    .where(eq(approvals.id, id))
    .returning();
  if (!row) throw new Error(`no approval ${id}`);
  await jobRun(env, row.runId).decided();
}

/** Lets the alarm of a run go off now. */
export function ring(id: string): Promise<boolean> {
  return runDurableObjectAlarm(stubOf(id));
}

export function alarmOf(id: string): Promise<number | null> {
  return runInDurableObject(stubOf(id), (_run, state) => state.storage.getAlarm());
}

/** Everything that a run's object keeps, and all rows about it in the database, as one text. */
export async function everythingStored(id: string): Promise<string> {
  const own = await runInDurableObject(stubOf(id), (_run, state) =>
    ["facts", "steps", "duties"].map((table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
  );
  const { results } = await env.DB.prepare("SELECT * FROM approvals WHERE run_id = ?").bind(id).all();
  // The row's `spec` and `data` are what was asked for, and not the run's to change.
  const { spec: _spec, data: _data, ...row } = await runRow(id);
  return JSON.stringify([own, results, row, await stepsOf(id)]);
}
