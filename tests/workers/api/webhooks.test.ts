import { MAX_WEBHOOK_MESSAGES_PER_MINUTE, type Webhook } from "@roundhouse/protocol/api/job";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, type Harness, makeHarness } from "./harness.ts";
import { makePool, type Pool } from "./pool.ts";
import { makeSecret, randomSecret } from "./secrets.ts";

let h: Harness;
let pool: Pool;
let count = 0;

beforeAll(async () => {
  h = await makeHarness();
  pool = await makePool(h);
});

type Target = { job: string; name: string; secret: string };
type Sent = { id?: string; at?: number; body?: string; headers?: Record<string, string> };

async function makeWebhook(values: string[] = [randomSecret()]): Promise<Target> {
  count += 1;
  const name = `hook-${count}`;
  const secrets = [];
  for (const value of values) secrets.push(await makeSecret(h, value));
  const job = await pool.create({ triggers: [{ kind: "webhook", name, secrets }] });
  return { job, name, secret: values[0]! };
}

/** As Standard Webhooks say, without the library that checks it. */
async function signed(
  secret: string,
  { id = `msg_${(count += 1)}`, at = Date.now(), body = "{}" }: Sent,
): Promise<Signature> {
  const seconds = String(Math.floor(at / 1000));
  const bytes = Uint8Array.from(atob(secret.replace("whsec_", "")), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const text = new TextEncoder().encode(`${id}.${seconds}.${body}`);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
  return {
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}`,
  };
}
type Signature = Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>;

/** Signs and sends; `headers` replace what was signed. */
async function post(name: string, secret: string, sent: Sent = {}): Promise<Answer> {
  const headers = { ...(await signed(secret, sent)), ...sent.headers };
  return h.send("POST", `/api/webhook/${name}`, { raw: sent.body ?? "{}", headers });
}

const runOf = (answer: Answer): string => (answer.body as unknown as { run: string }).run;
const runsOf = async (job: string) => (await pool.ask("GET", `/api/runs?job=${job}`)).body.items;
const dataOf = async (run: string): Promise<unknown> => {
  const row = await h.env.DB.prepare("SELECT data FROM runs WHERE id = ?").bind(run).first<{ data: string }>();
  return JSON.parse(row?.data ?? "null");
};

describe("a signed message", () => {
  it("starts a run with its body as data", async () => {
    const { job, name, secret } = await makeWebhook();
    h.calls.length = 0;
    const answer = await post(name, secret, { id: "msg_a", body: '{"ref": "main", "n": [1]}' });
    expect(answer.status).toBe(202);
    const [run] = await runsOf(job);
    expect(run).toMatchObject({ id: runOf(answer), status: "queued", dry: false });
    expect(run?.["trigger"]).toEqual({ kind: "webhook", name, messageId: "msg_a" });
    expect(await dataOf(runOf(answer))).toEqual({ ref: "main", n: [1] });
    expect(h.calls).toContainEqual({ object: "scheduler", method: "admit", argument: runOf(answer) });
  });

  it("may be of any content type, and what is no JSON is handed on as text", async () => {
    const { name, secret } = await makeWebhook();
    for (const [type, body, data] of [
      ["text/plain", "disk is full — 99 %", "disk is full — 99 %"],
      ["application/x-www-form-urlencoded", "a=1&b=2", "a=1&b=2"],
      ["application/json", "not { json", "not { json"],
      ["application/json", '\uFEFF{"a": 1}', '\uFEFF{"a": 1}'],
      ["application/json", ' { "b" : 1 , "b" : 2 } ', { b: 2 }],
      ["multipart/form-data; boundary=x", "--x--", "--x--"],
      ["nonsense", "", ""],
    ] as const) {
      const answer = await post(name, secret, { body, headers: { "content-type": type } });
      expect([type, answer.status]).toEqual([type, 202]);
      expect(await dataOf(runOf(answer))).toEqual(data);
    }
  });

  it("is taken with its headers in any order, beside others, and in any case", async () => {
    const { name, secret } = await makeWebhook();
    const headers = Object.entries(await signed(secret, { body: "{}" })).toReversed();
    const shouted = headers.map(([key, value]) => [key.toUpperCase(), value]);
    for (const some of [headers, shouted]) {
      const all = { "x-other": "1", ...Object.fromEntries(some) };
      expect((await h.send("POST", `/api/webhook/${name}`, { raw: "{}", headers: all })).status).toBe(202);
    }
  });

  it("is good with either of two secrets while the key is changed, and with one of several signatures", async () => {
    const [old, fresh] = [randomSecret(), randomSecret()];
    const { name } = await makeWebhook([old, fresh]);
    expect((await post(name, old)).status).toBe(202);
    expect((await post(name, fresh)).status).toBe(202);
    const { "webhook-signature": one } = await signed(old, { id: "msg_both" });
    const { "webhook-signature": foreign } = await signed(randomSecret(), { id: "msg_both" });
    const headers = { "webhook-signature": `v2,abc ${foreign} ${one}` };
    expect((await post(name, old, { id: "msg_both", headers })).status).toBe(202);
    const third = await post(name, randomSecret());
    expect(third.status).toBe(401);
  });

  it("sent again, also many times at once, is the same run and nothing new", async () => {
    const { job, name, secret } = await makeWebhook();
    const sent = { id: "msg_again", body: '{"n": 1}' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(name, secret, sent)));
    answers.push(await post(name, secret, { ...sent, at: Date.now() + 60_000 }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(new Set(answers.map(runOf)).size).toBe(1);
    expect(await runsOf(job)).toHaveLength(1);
  });

  it("whose run was not started before the power went starts it when it is sent again", async () => {
    const { job, name, secret } = await makeWebhook();
    const first = await post(name, secret, { id: "msg_cut" });
    await h.env.DB.prepare("DELETE FROM runs WHERE id = ?").bind(runOf(first)).run();
    expect(runOf(await post(name, secret, { id: "msg_cut" }))).toBe(runOf(first));
    expect(await runsOf(job)).toHaveLength(1);
  });

  it("is as good just within five minutes of its time", async () => {
    const { name, secret } = await makeWebhook();
    for (const off of [-290_000, 290_000])
      expect((await post(name, secret, { at: Date.now() + off })).status).toBe(202);
  });

  it("to a job that is disabled is told so, and starts nothing", async () => {
    const { job, name, secret } = await makeWebhook();
    await pool.ask("POST", `/api/jobs/${job}/disable`);
    const answer = await post(name, secret);
    expect([answer.status, answer.body.error.code]).toEqual([409, "conflict"]);
    expect((await post(name, randomSecret())).body.error.code).toBe("bad_webhook_signature");
    expect(await runsOf(job)).toEqual([]);
  });
});

describe("a message that is not to be trusted", () => {
  it("is refused in one and the same way, whatever is wrong with it, and starts nothing", async () => {
    const { job, name, secret } = await makeWebhook();
    const id = "msg_bad";
    const good = await signed(secret, { id });
    const stale = await signed(secret, { id, at: Date.now() - 310_000 });
    const without = (key: string) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));
    const raw = (headers: Record<string, string>) => h.send("POST", `/api/webhook/${name}`, { raw: "{}", headers });
    const cases: [string, Promise<Answer>][] = [
      ["another secret", post(name, randomSecret(), { id })],
      ["another body", h.send("POST", `/api/webhook/${name}`, { raw: "{} ", headers: good })],
      ["another id", post(name, secret, { id, headers: { "webhook-id": "msg_other" } })],
      ["stale", post(name, secret, { id, at: Date.now() - 310_000 })],
      ["future", post(name, secret, { id, at: Date.now() + 310_000 })],
      ["a time moved up", raw({ ...stale, "webhook-timestamp": good["webhook-timestamp"] })],
      ["no time", post(name, secret, { id, headers: { "webhook-timestamp": "soon" } })],
      ["no version", post(name, secret, { id, headers: { "webhook-signature": good["webhook-signature"].slice(3) } })],
      ["half a signature", post(name, secret, { id, headers: { "webhook-signature": "v1" } })],
      ["an endless id", raw({ ...good, "webhook-id": "x".repeat(1001) })],
      ["no headers", raw({})],
      ...Object.keys(good).map((key): [string, Promise<Answer>] => [`no ${key}`, raw(without(key))]),
      ["an unknown name", post("nobody", secret, { id })],
      ["a name that is none", post("No%20Body", secret, { id })],
      ["a job's id", post(job, secret, { id })],
    ];
    const answers = new Set<string>();
    for (const [what, sending] of cases) {
      const answer = await sending;
      expect([what, answer.status, answer.body.error.code]).toEqual([what, 401, "bad_webhook_signature"]);
      answers.add(answer.text);
    }
    expect(answers.size).toBe(1);
    expect(await runsOf(job)).toEqual([]);
    expect((await raw(good)).status).toBe(202);
  });

  it("that is too large, or no text, is refused before anything is looked up", async () => {
    const { name, secret } = await makeWebhook();
    const large = "x".repeat(65_537);
    for (const target of [name, "nobody"]) {
      expect((await post(target, secret, { body: large })).body.error.code).toBe("body_too_large");
      const bytes = await h.send("POST", `/api/webhook/${target}`, { raw: new Uint8Array([0x22, 0xff, 0x22]) });
      expect(bytes.body.error.code).toBe("invalid_input");
    }
    expect((await post(name, secret, { body: "x".repeat(65_534) })).status).toBe(202);
  });

  it("is told to the log, and not to its sender, where a secret cannot sign", async () => {
    const value = "just a password";
    const { name } = await makeWebhook([value]);
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await post(name, randomSecret());
    const unknown = await post("nobody", randomSecret());
    const lines = logged.mock.calls.map((line) => line.join(" "));
    logged.mockRestore();
    expect(answer.text).toBe(unknown.text);
    expect(lines.join("\n")).toContain("is not of the form whsec_<base64>");
    expect(lines.join("\n")).not.toContain(value);
  });
});

describe("a flood", () => {
  const LIMIT = MAX_WEBHOOK_MESSAGES_PER_MINUTE;
  /** As if it had taken `count` messages, the first `secondsAgo`, then one a millisecond. */
  const plantMessages = async (name: string, count: number, secondsAgo: number) => {
    const first = Date.now() - secondsAgo * 1000;
    const insert = h.env.DB.prepare("INSERT INTO webhook_messages VALUES (?, ?, 'rn_x', ?)");
    await h.env.DB.batch(Array.from({ length: count }, (_, at) => insert.bind(name, `planted_${at}`, first + at)));
  };

  it("of forged messages is refused without a write, and uses up nothing of the webhook's limit", async () => {
    const { job, name, secret } = await makeWebhook();
    const wrote = vi.fn<(sql: string) => void>();
    const original = h.env.DB.prepare.bind(h.env.DB);
    const prepare = vi.spyOn(h.env.DB, "prepare").mockImplementation((sql) => {
      if (!/^\s*select\b/i.test(sql)) wrote(sql);
      return original(sql);
    });
    const answers = await Promise.all(Array.from({ length: LIMIT + 20 }, () => post(name, randomSecret())));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect(wrote).not.toHaveBeenCalled();
    expect((await post(name, secret)).status).toBe(202);
    expect(wrote).toHaveBeenCalled();
    prepare.mockRestore();
    expect(await runsOf(job)).toHaveLength(1);
  });

  it("of well signed messages starts as many runs as a minute may have, also when all come at once", async () => {
    const { job, name, secret } = await makeWebhook();
    await plantMessages(name, LIMIT - 3, 20);
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(name, secret)));
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 429));
    expect(refused[0]?.body.error).toMatchObject({
      code: "too_many_requests",
      message: expect.stringContaining(`"${name}" takes ${LIMIT} messages a minute`),
      hint: expect.stringMatching(/again in \d+ seconds/),
    });
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(30);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeLessThanOrEqual(40);
    expect(await runsOf(job)).toHaveLength(3);
  });

  it("leaves other webhooks, messages that were taken before, and the next minute alone", async () => {
    const [full, other] = [await makeWebhook(), await makeWebhook()];
    const before = await post(full.name, full.secret, { id: "msg_before" });
    await plantMessages(full.name, LIMIT, 30);
    expect((await post(full.name, full.secret)).status).toBe(429);
    expect((await post(other.name, other.secret)).status).toBe(202);
    const again = await post(full.name, full.secret, { id: "msg_before" });
    expect([again.status, runOf(again)]).toEqual([202, runOf(before)]);
    await h.env.DB.prepare("UPDATE webhook_messages SET received_at = received_at - 61000 WHERE name = ?")
      .bind(full.name)
      .run();
    expect((await post(full.name, full.secret)).status).toBe(202);
  });
});

describe("the list of webhooks", () => {
  it("has their jobs, addresses and last messages, and no secret's value", async () => {
    const { job, name, secret } = await makeWebhook();
    const find = async () => {
      const { text, body } = await pool.ask("GET", "/api/webhooks");
      expect(text).not.toContain(secret);
      return (body.items as unknown as Webhook[]).find((item) => item.name === name);
    };
    const url = `http://localhost:8787/api/webhook/${name}`;
    expect(await find()).toMatchObject({ job, enabled: true, url, secrets: [expect.any(String)], lastMessage: null });
    await post(name, secret, { id: "msg_1" });
    const run = runOf(await post(name, secret, { id: "msg_2" }));
    await h.env.DB.prepare(
      "UPDATE webhook_messages SET received_at = received_at - 1000 WHERE message_id = 'msg_1'",
    ).run();
    expect((await find())?.lastMessage).toMatchObject({ id: "msg_2", run });
    const first = (await pool.ask("GET", "/api/webhooks?limit=1")).body;
    const second = (await pool.ask("GET", `/api/webhooks?limit=1&cursor=${first.cursor}`)).body;
    expect(String(first.items[0]?.["name"]) < String(second.items[0]?.["name"])).toBe(true);
  });

  it("forgets messages that are too old to be sent again", async () => {
    const { name, secret } = await makeWebhook();
    await post(name, secret, { id: "msg_old" });
    await h.env.DB.prepare("UPDATE webhook_messages SET received_at = 1 WHERE message_id = 'msg_old'").run();
    await post(name, secret, { id: "msg_new" });
    const { results } = await h.env.DB.prepare("SELECT message_id FROM webhook_messages WHERE name = ?")
      .bind(name)
      .all();
    expect(results).toEqual([{ message_id: "msg_new" }]);
  });
});
