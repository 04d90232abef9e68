import type { Job } from "@roundhouse/protocol/api/job";
import type { Run } from "@roundhouse/protocol/api/run";
import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Harness, makeHarness, makeKey } from "./harness.ts";
import { makePool, type Pool } from "./pool.ts";
import { makeSecret } from "./secrets.ts";

let h: Harness;
let pool: Pool;

beforeAll(async () => {
  h = await makeHarness();
  pool = await makePool(h);
});

const jobOf = (answer: Answer): Job => answer.body as unknown as Job;
const runOf = (answer: Answer): Run => answer.body as unknown as Run;
const rows = async (table: string) =>
  (await h.env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())!.n;

describe("a job", () => {
  it("is written with its defaults, and read by id and by name", async () => {
    h.calls.length = 0;
    const made = await pool.ask("POST", "/api/jobs", pool.job({ name: "Morning Round", tools: ["system_stats"] }));
    expect(made.status).toBe(201);
    expect(jobOf(made)).toMatchObject({
      ...{ name: "Morning Round", enabled: true, nextRunAt: null, lastRun: null, onUnknown: "ask", warnings: [] },
      limits: { turns: 20, concurrency: 1, whenBusy: "queue", money: null },
      output: { kind: "text" },
    });
    expect(h.calls).toContainEqual({ object: "scheduler", method: "poke", argument: undefined });
    for (const reference of [jobOf(made).id, "morning round"]) {
      expect(jobOf(await pool.ask("GET", `/api/jobs/${encodeURIComponent(reference)}`))).toEqual(jobOf(made));
    }
    const listed = await pool.ask("GET", "/api/jobs");
    expect(listed.body.items.map((item) => item["id"])).toContain(jobOf(made).id);
  });

  it("names nodes and providers as people do, and keeps their ids", async () => {
    const label = "label:gpu=a100";
    const nodes = [pool.node.name.toUpperCase(), pool.node.id, label];
    const fallbacks = [{ provider: pool.provider.name, model: "n" }];
    const id = await pool.create({ nodes, provider: pool.provider.name.toLowerCase(), fallbacks });
    const job = jobOf(await pool.ask("GET", `/api/jobs/${id}`));
    expect(job.nodes).toEqual([pool.node.id, label]);
    expect([job.provider, job.fallbacks[0]?.provider]).toEqual([pool.provider.id, pool.provider.id]);
    expect(job.warnings).toEqual(["nodes: no node carries the label gpu=a100 now."]);
  });

  it("that has something wrong is refused in words that name it, and nothing is written", async () => {
    await pool.create({
      name: "Taken",
      triggers: [{ kind: "webhook", name: "taken", secrets: [await makeSecret(h)] }],
    });
    const before = [await rows("jobs"), await rows("webhooks")];
    const cron = (schedule: string, timezone = "UTC") => ({ triggers: [{ kind: "cron", schedule, timezone }] });
    const json = (schema: unknown) => ({ output: { kind: "json", schema } });
    const cases: [Record<string, unknown>, string, RegExp][] = [
      [{ nodes: ["nowhere"] }, "unknown_node", /^nodes: there is no node "nowhere"/],
      [{ nodes: ["label:gpu"] }, "invalid_input", /^nodes: "label:gpu" is no label/],
      [{ nodes: [] }, "invalid_input", /^nodes/],
      [{ provider: "nobody" }, "unknown_provider", /^provider: there is no provider "nobody"/],
      [{ fallbacks: [{ provider: "nobody", model: "m" }] }, "unknown_provider", /^fallbacks\.0\.provider: .*"nobody"/],
      [{ secrets: ["MISSING"] }, "unknown_secret", /^secrets: there is no secret "MISSING"/],
      [{ notify: { url: "https://x.test", secret: "GONE" } }, "unknown_secret", /^notify\.secret: .*"GONE"/],
      [{ triggers: [{ kind: "webhook", name: "w", secrets: ["GONE"] }] }, "unknown_secret", /^triggers\.0\.secrets/],
      [{ tools: ["read_fiel"] }, "invalid_input", /^tools: there is no tool "read_fiel"/],
      [{ toolDecisions: { read_file: "ask" } }, "invalid_input", /^toolDecisions: "read_file" is none of/],
      [cron("61 * * * *"), "bad_schedule", /^schedule: "61 \* \* \* \*" cannot be read: Invalid value for minute: 61/],
      [cron("* * *"), "bad_schedule", /has 3 fields, not five or six/],
      [cron("* * * * * * 2030"), "bad_schedule", /has 7 fields/],
      [cron("2020-01-01T00:00:00"), "bad_schedule", /has 1 field,/],
      [cron("@reboot"), "bad_schedule", /@reboot is not supported/],
      [cron("0 0 30 2 *"), "bad_schedule", /^schedule: "0 0 30 2 \*" never comes/],
      [cron("0 8 * * *", "Mars/Olympus"), "bad_schedule", /^timezone: there is no time zone "Mars\/Olympus"/],
      [{ triggers: [...cron("0 8 * * *").triggers, ...cron("0 8 * * *").triggers] }, "invalid_input", /twice/],
      [json({ type: "objekt" }), "invalid_input", /^output\.schema: is no JSON schema \(type: one of/],
      [json({ properties: { size: { minimum: "3" } } }), "invalid_input", /properties\.size\.minimum/],
      [json({ pattern: "(" }), "invalid_input", /pattern: a regular expression/],
      [json({ $ref: "#/$defs/none" }), "invalid_input", /no JSON schema/],
      [{ name: "tAKEN" }, "name_taken", /^name: a job is called "tAKEN"/],
      [{ triggers: [{ kind: "webhook", name: "taken", secrets: [await makeSecret(h)] }] }, "name_taken", /"taken"/],
      [{ triggers: [{ kind: "webhook", name: "Not Good", secrets: ["S"] }] }, "invalid_input", /^triggers\.0\.name/],
    ];
    for (const [change, code, message] of cases) {
      const answer = await pool.ask("POST", "/api/jobs", pool.job(change));
      expect([answer.body.error?.code, answer.body.error?.message]).toEqual([code, expect.stringMatching(message)]);
    }
    expect([await rows("jobs"), await rows("webhooks")]).toEqual(before);
    const tool = await pool.ask("POST", "/api/jobs", pool.job({ tools: ["read_fiel"] }));
    expect(tool.body.error.hint).toBe("Did you mean read_file?");
  });

  it("may ask for JSON by any schema that is one", async () => {
    const schema = {
      type: "object",
      required: ["nodes"],
      properties: { nodes: { type: "array", items: { $ref: "#/$defs/node" } }, note: { type: ["string", "null"] } },
      $defs: { node: { anyOf: [{ type: "string", pattern: "^nd_" }, false] } },
    };
    const id = await pool.create({ output: { kind: "json", schema } });
    expect(jobOf(await pool.ask("GET", `/api/jobs/${id}`)).output).toEqual({ kind: "json", schema });
  });

  it("is replaced whole, with the names of its webhooks", async () => {
    const secret = await makeSecret(h);
    const webhook = (name: string) => ({ triggers: [{ kind: "webhook", name, secrets: [secret] }] });
    const id = await pool.create({ tools: ["read_file"], ...webhook("first") });
    const body = pool.job(webhook("second"));
    const put = await pool.ask("PUT", `/api/jobs/${id}`, body);
    expect(jobOf(put)).toMatchObject({ id, name: body["name"], tools: [] });
    const { items } = (await pool.ask("GET", "/api/webhooks")).body;
    expect(items.map((item) => item["name"])).toContain("second");
    expect(items.map((item) => item["name"])).not.toContain("first");
    // Its own names are not taken.
    expect((await pool.ask("PUT", `/api/jobs/${id}`, body)).status).toBe(200);
    expect((await pool.ask("PUT", "/api/jobs/nothing", body)).body.error.code).toBe("not_found");
  });

  it("is due when its schedule says so, and never while it is disabled", async () => {
    const id = await pool.create({ triggers: [{ kind: "cron", schedule: "0 8 * * *", timezone: "Europe/Berlin" }] });
    const times = (await pool.ask("GET", "/api/jobs/preview?schedule=0+8+*+*+*&timezone=Europe/Berlin")).body;
    const next = (times as unknown as { times: string[] }).times[0];
    expect(jobOf(await pool.ask("GET", `/api/jobs/${id}`)).nextRunAt).toBe(next);
    expect(jobOf(await pool.ask("POST", `/api/jobs/${id}/disable`))).toMatchObject({ enabled: false, nextRunAt: null });
    h.calls.length = 0;
    const again = jobOf(await pool.ask("POST", `/api/jobs/${id}/disable`));
    expect(h.calls).toEqual([]);
    expect(again.enabled).toBe(false);
    expect(jobOf(await pool.ask("POST", `/api/jobs/${id}/enable`))).toMatchObject({ enabled: true, nextRunAt: next });
  });

  it("that is deleted ends its runs, and leaves its history", async () => {
    const id = await pool.create();
    const over = runOf(await pool.ask("POST", `/api/jobs/${id}/run`));
    await h.env.DB.prepare("UPDATE runs SET status = 'succeeded' WHERE id = ?").bind(over.id).run();
    const queued = runOf(await pool.ask("POST", `/api/jobs/${id}/run`));
    h.calls.length = 0;
    expect((await pool.ask("DELETE", `/api/jobs/${id}`)).status).toBe(204);
    const cancels = h.calls.filter(({ method }) => method === "cancel");
    expect(cancels).toEqual([{ object: queued.id, method: "cancel", argument: "preset key" }]);
    expect((await pool.ask("GET", `/api/jobs/${id}`)).status).toBe(404);
    const history = await pool.ask("GET", `/api/runs?job=${id}`);
    expect(history.body.items.map((item) => item["id"]).toSorted()).toEqual([over.id, queued.id].toSorted());
    expect((await pool.ask("POST", `/api/jobs/${id}/run`)).status).toBe(404);
  });
});

describe("a preview", () => {
  it("is the next five times", async () => {
    const answer = await pool.ask("GET", "/api/jobs/preview?schedule=30+0+0+1+1+*");
    const { times } = answer.body as unknown as { times: string[] };
    expect(times).toHaveLength(5);
    expect(times.every((time) => time.endsWith("-01-01T00:00:30.000Z"))).toBe(true);
    const bad = await pool.ask("GET", "/api/jobs/preview?schedule=nonsense");
    expect([bad.status, bad.body.error.code]).toEqual([400, "bad_schedule"]);
  });
});

describe("a run", () => {
  it("is what its job was when it was asked for, and the scheduler is told", async () => {
    const id = await pool.create({ model: "before" });
    const { key } = await makeKey(h, "operator");
    h.calls.length = 0;
    const made = await pool.ask("POST", `/api/jobs/${id}/run`, { dry: true, data: { disk: 7 } }, { as: key });
    expect([made.status, runOf(made)]).toEqual([
      201,
      expect.objectContaining({
        job: id,
        status: "queued",
        dry: true,
        trigger: { kind: "person", by: "operator key" },
      }),
    ]);
    expect(h.calls).toContainEqual({ object: "scheduler", method: "admit", argument: runOf(made).id });
    await pool.ask("PUT", `/api/jobs/${id}`, pool.job({ model: "after" }));
    const row = await h.env.DB.prepare("SELECT spec, data FROM runs WHERE id = ?").bind(runOf(made).id).first();
    expect(JSON.parse(String(row?.["spec"])).model).toBe("before");
    expect(JSON.parse(String(row?.["data"]))).toEqual({ disk: 7 });
    const shown = jobOf(await pool.ask("GET", `/api/jobs/${id}`));
    expect(shown.lastRun).toMatchObject({ id: runOf(made).id, status: "queued" });
  });

  it("of a key is one run of that job, however often and at once it is asked for", async () => {
    const [id, other] = [await pool.create(), await pool.create()];
    const headers = { "idempotency-key": "deploy 17" };
    const ask = (job: string) => pool.ask("POST", `/api/jobs/${job}/run`, {}, { headers });
    const answers = await Promise.all([ask(id), ask(id), ask(id)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => runOf(answer).id)).size).toBe(1);
    expect(runOf(await ask(other)).id).not.toBe(runOf(answers[0]).id);
    expect((await pool.ask("GET", `/api/runs?job=${id}`)).body.items).toHaveLength(1);
    await pool.ask("POST", `/api/jobs/${id}/run`);
    expect((await pool.ask("GET", `/api/runs?job=${id}`)).body.items).toHaveLength(2);
  });

  it("takes 64 KiB of data and no more", async () => {
    const id = await pool.create();
    const run = (length: number) => pool.ask("POST", `/api/jobs/${id}/run`, { data: "x".repeat(length) });
    expect((await run(65_534)).status).toBe(201);
    const refused = await run(65_535);
    expect([refused.status, refused.body.error.code]).toEqual([413, "body_too_large"]);
    expect(refused.body.error.message).toContain("65537 bytes");
  });

  it("is found newest first, by job and by status, page by page", async () => {
    const id = await pool.create({ name: "Listed" });
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push(runOf(await pool.ask("POST", `/api/jobs/${id}/run`)).id);
    const page = async (query: string) => (await pool.ask("GET", `/api/runs?job=listed&limit=2${query}`)).body;
    const seen: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { items, cursor: next } = await page(cursor === "" ? "" : `&cursor=${cursor}`);
      seen.push(...items.map((item) => item["id"]));
      cursor = next;
    }
    const created = new Map<string, string>();
    for (const run of made) created.set(run, runOf(await pool.ask("GET", `/api/runs/${run}`)).createdAt);
    const order = made.toSorted((one, other) =>
      `${created.get(other)}${other}`.localeCompare(`${created.get(one)}${one}`, "en"),
    );
    expect(seen).toEqual(order);
    expect((await page("&status=running")).items).toEqual([]);
    expect((await page("&status=queued")).items).toHaveLength(2);
  });

  it("is cancelled by its own object, in the name of who asked; one that is over stays", async () => {
    const id = await pool.create();
    const { id: run } = runOf(await pool.ask("POST", `/api/jobs/${id}/run`));
    h.calls.length = 0;
    expect((await pool.ask("POST", `/api/runs/${run}/cancel`)).status).toBe(200);
    expect(h.calls).toContainEqual({ object: run, method: "cancel", argument: "preset key" });
    await h.env.DB.prepare("UPDATE runs SET status = 'failed' WHERE id = ?").bind(run).run();
    h.calls.length = 0;
    expect(runOf(await pool.ask("POST", `/api/runs/${run}/cancel`)).status).toBe("failed");
    expect(h.calls).toEqual([]);
    expect((await pool.ask("POST", "/api/runs/rn_nothing/cancel")).status).toBe(404);
  });

  it("shows its steps", async () => {
    const { id } = runOf(await pool.ask("POST", `/api/jobs/${await pool.create()}/run`));
    expect((await pool.ask("GET", `/api/runs/${id}/steps`)).body.items).toEqual([
      expect.objectContaining({ kind: "note", text: id }),
    ]);
    expect((await pool.ask("GET", "/api/runs/rn_nothing/steps")).status).toBe(404);
  });
});
