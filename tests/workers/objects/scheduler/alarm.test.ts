import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { Job } from "@roundhouse/protocol/api/job";
import { newId } from "@roundhouse/protocol/ids";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { providers } from "../../../../workers/db/providers.ts";
import { api, db, env, makeNode, migrate } from "../harness.ts";
import { firedAt, jobRow, makeJob } from "./lab.ts";

const stub = () => env.SCHEDULER.getByName("scheduler");
const alarmAt = () => runInDurableObject(stub(), (_scheduler, state) => state.storage.getAlarm());
let count = 0;
let body: Record<string, unknown>;

beforeAll(async () => {
  await migrate();
  const node = await makeNode();
  const provider = newId("provider");
  const made = { baseUrl: "http://127.0.0.1:9/v1", toolCalls: "auto" as const, prices: {}, createdAt: new Date() };
  await db.insert(providers).values({ id: provider, name: provider, ...made });
  body = { instructions: "look", nodes: [node.id], provider, model: "m", limits: { concurrency: 100 } };
});

afterEach(clear);

/** No triggers, and nobody at work. */
async function clear(): Promise<void> {
  await env.DB.exec("DELETE FROM jobs");
  await env.DB.exec("UPDATE runs SET status = 'cancelled' WHERE status = 'queued'");
  await runInDurableObject(stub(), (_scheduler, state) => void state.storage.sql.exec("DELETE FROM places"));
  await stub().poke();
}

function create(schedule: string): Promise<Job> {
  count += 1;
  return api<Job>("POST", "/api/jobs", { ...body, name: `job ${count}`, triggers: [{ kind: "cron", schedule }] });
}

function seconds(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * 1000).toISOString());
}

it("a schedule of every second fires each second once, over evictions of its scheduler", async () => {
  const job = await create("* * * * * *");
  const first = new Date(Math.floor(Date.parse(job.updatedAt) / 1000) * 1000 + 1000).toISOString();
  expect(job.nextRunAt).toBe(first);
  for (const enough of [2, 4, 6]) {
    await vi.waitFor(async () => expect((await firedAt(job.id)).length).toBeGreaterThanOrEqual(enough), 15_000);
    await evictDurableObject(stub());
  }
  await api("POST", `/api/jobs/${job.id}/disable`);
  const fired = await firedAt(job.id);
  expect(fired).toEqual(seconds(first, fired.length));
});

it("a job's next time is told when it has fired, and none when it is disabled", async () => {
  const job = await create("* * * * * *");
  await vi.waitFor(async () => {
    expect((await jobRow(job.id)).nextRunAt!.getTime()).toBeGreaterThan(Date.parse(job.nextRunAt!));
  }, 15_000);
  const disabled = await api<Job>("POST", `/api/jobs/${job.id}/disable`);
  expect(disabled.nextRunAt).toBeNull();
});

it("a job that nobody told of is found at the scheduler's next look, which comes within an hour", async () => {
  await create("0 0 1 1 *");
  await vi.waitFor(async () => expect(await alarmAt()).toBeGreaterThan(Date.now() + 60_000), 15_000);
  expect(await alarmAt()).toBeLessThanOrEqual(Date.now() + 3_600_000);
  const silent = await makeJob(Date.now(), { triggers: [{ kind: "cron", schedule: "* * * * * *" }] });
  await runDurableObjectAlarm(stub());
  await vi.waitFor(async () => expect(await firedAt(silent)).not.toEqual([]), 15_000);
});

it("a scheduler without triggers and without runs at work has no alarm", async () => {
  await create("0 0 1 1 *");
  await vi.waitFor(async () => expect(await alarmAt()).toBeGreaterThan(Date.now()), 15_000);
  await clear();
  await vi.waitFor(async () => expect(await alarmAt()).toBeNull(), 15_000);
});

it("a database that cannot be read delays the alarm, and loses nothing", async () => {
  const job = await create("0 0 1 1 *");
  await vi.waitFor(async () => expect(await alarmAt()).toBeGreaterThan(Date.now() + 60_000), 15_000);
  await env.DB.exec("ALTER TABLE jobs RENAME TO jobs_away");
  await runDurableObjectAlarm(stub());
  const retryAt = await alarmAt();
  await env.DB.exec("ALTER TABLE jobs_away RENAME TO jobs");
  expect(retryAt).toBeLessThan(Date.now() + 60_000);
  await vi.waitFor(async () => expect(await alarmAt()).toBeGreaterThan(Date.now() + 60_000), 15_000);
  expect((await jobRow(job.id)).nextRunAt).not.toBeNull();
});
