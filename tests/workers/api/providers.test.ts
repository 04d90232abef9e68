import type { ProviderTest } from "@roundhouse/protocol/api/provider";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openProvider } from "../../../workers/services/provider/open.ts";
import { type Answer, type Harness, joinNode, makeHarness, makeKey, PRESET_KEY } from "./harness.ts";

const as = PRESET_KEY;
const KEY = "sk-canary-0123456789";
let h: Harness;
let count = 0;
beforeAll(async () => {
  h = await makeHarness();
  await h.send("POST", "/api/secrets", { as, body: { name: "OPENAI_KEY", value: KEY } });
});
afterEach(() => vi.restoreAllMocks());

const post = (body: unknown): Promise<Answer> => h.send("POST", "/api/providers", { as, body });
const make = async (extra: Record<string, unknown> = {}) => {
  const made = await post({ name: `provider ${(count += 1)}`, baseUrl: "http://127.0.0.1:1/v1", ...extra });
  expect(made.status, made.text).toBe(201);
  return made.body as unknown as { id: string; name: string };
};
const test = async (id: string) =>
  (await h.send("POST", `/api/providers/${id}/test`, { as })).body as unknown as ProviderTest;
const pokes = () => h.calls.filter(({ method }) => method === "poke").map(({ object }) => object);
const job = (name: string, spec: unknown) =>
  h.env.DB.prepare("INSERT INTO jobs (id, name, spec, enabled, created_at, updated_at) VALUES (?, ?, ?, 1, 1, 1)")
    .bind(`jb_${name}`, name, JSON.stringify(spec))
    .run();

/** What the network answers to the next requests. */
function network(answer: (request: Request) => Response | Promise<Response>): Request[] {
  const asked: Request[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    asked.push(request);
    return answer(request);
  });
  return asked;
}

describe("a provider", () => {
  it("is made with what it needs and defaults for the rest, and found by id and by name in any case", async () => {
    const node = await joinNode(h);
    const prices = { "*": { input: 1, output: 2.5 } };
    const made = await make({ name: "Studio", viaNode: node.name.toUpperCase(), secret: "OPENAI_KEY", prices });
    expect(made).toMatchObject({ viaNode: node.id, secret: "OPENAI_KEY", toolCalls: "auto", prices });
    expect(pokes()).toContain(node.id);
    for (const reference of [made.id, "studio"]) {
      expect((await h.send("GET", `/api/providers/${reference}`, { as })).body).toEqual(made);
    }
    const listed = await h.send("GET", "/api/providers?limit=500", { as });
    expect(listed.body.items).toContainEqual(made);
  });

  it("is refused with an address that is none, one with a password or a query, and with unknown references", async () => {
    for (const baseUrl of ["ftp://x/v1", "127.0.0.1:1234", "http://me:pw@host/v1", "http://host/v1?key=1"]) {
      const { status, body } = await post({ name: "bad", baseUrl });
      expect([status, body.error.code], baseUrl).toEqual([400, "invalid_input"]);
      expect(body.error.message).toMatch(/^baseUrl/);
    }
    const baseUrl = "http://127.0.0.1:1/v1";
    expect((await post({ name: "x", baseUrl, secret: "NOTHING" })).body.error.code).toBe("unknown_secret");
    expect((await post({ name: "x", baseUrl, viaNode: "nowhere" })).body.error.code).toBe("unknown_node");
    const { name, id } = await make();
    expect((await post({ name: name.toUpperCase(), baseUrl })).body.error.code).toBe("name_taken");
    const other = await make();
    const renamed = await h.send("PATCH", `/api/providers/${other.id}`, { as, body: { name } });
    expect(renamed.body.error.code).toBe("name_taken");
    const patched = await h.send("PATCH", `/api/providers/${id}`, { as, body: { secret: "NOTHING" } });
    expect(patched.body.error.code).toBe("unknown_secret");
  });

  it("is changed part by part, and both nodes are told of a move", async () => {
    const [one, other] = [await joinNode(h), await joinNode(h)];
    const { id } = await make({ viaNode: one.id, secret: "OPENAI_KEY" });
    h.calls.length = 0;
    const patched = await h.send("PATCH", `/api/providers/${id}`, { as, body: { viaNode: other.name, secret: null } });
    expect(patched.body).toMatchObject({ viaNode: other.id, secret: null, baseUrl: "http://127.0.0.1:1/v1" });
    expect(pokes().toSorted()).toEqual([one.id, other.id].toSorted());
  });

  it("is written by admins, read and tested by operators, and nothing for viewers", async () => {
    const { id } = await make();
    const operator = (await makeKey(h, "operator")).key;
    const viewer = (await makeKey(h, "viewer")).key;
    expect((await h.send("PATCH", `/api/providers/${id}`, { as: operator, body: {} })).status).toBe(403);
    expect((await h.send("POST", `/api/providers/${id}/test`, { as: operator })).status).toBe(200);
    expect((await h.send("GET", "/api/providers", { as: viewer })).status).toBe(403);
  });

  it("that jobs ask is not removed, nor loses the name they go by", async () => {
    const { id, name } = await make();
    await job("first", { provider: name.toUpperCase(), fallbacks: [] });
    await job("second", { provider: "other", fallbacks: [{ provider: "x" }, { provider: id, model: "m" }] });
    const refused = await h.send("DELETE", `/api/providers/${name}`, { as });
    expect([refused.status, refused.body.error.code]).toEqual([409, "provider_in_use"]);
    expect(refused.body.error.message).toContain('the jobs "first", "second" use it');
    const renamed = await h.send("PATCH", `/api/providers/${id}`, { as, body: { name: "another name" } });
    expect(renamed.body.error).toMatchObject({ code: "provider_in_use", message: expect.stringContaining('"first"') });
    expect((await h.send("PATCH", `/api/providers/${id}`, { as, body: { name: name.toUpperCase() } })).status).toBe(
      200,
    );
    await h.env.DB.prepare("DELETE FROM jobs").run();
    expect((await h.send("DELETE", `/api/providers/${id}`, { as })).status).toBe(204);
    expect((await h.send("GET", `/api/providers/${id}`, { as })).status).toBe(404);
  });

  it("that nobody made is unknown to jobs, and not found by the API", async () => {
    await expect(openProvider(h.env, h.db, "nothing")).rejects.toMatchObject({ code: "unknown_provider" });
    expect((await h.send("POST", "/api/providers/nothing/test", { as })).status).toBe(404);
  });
});

describe("a connection test", () => {
  it("tells the models by id, and asks with the key, once", async () => {
    const { id } = await make({ secret: "OPENAI_KEY", baseUrl: "https://api.example.com/v1/" });
    const asked = network(() => Response.json({ object: "list", data: [{ id: "b", object: "model" }, { id: "a" }] }));
    expect(await test(id)).toMatchObject({
      ok: true,
      models: [{ id: "a" }, { id: "b" }],
      message: expect.stringContaining("2 models"),
    });
    expect(asked.map((request) => [request.method, request.url, request.redirect])).toEqual([
      ["GET", "https://api.example.com/v1/models", "manual"],
    ]);
    expect(asked[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    const models = await h.send("GET", `/api/providers/${id}/models`, { as });
    expect(models.body).toEqual({ items: [{ id: "a" }, { id: "b" }], cursor: null });
  });

  it("takes a bare list, and says when there is no model", async () => {
    const { id } = await make();
    network(() => Response.json([{ id: "only" }]));
    expect(await test(id)).toMatchObject({ ok: true, models: [{ id: "only" }] });
    vi.restoreAllMocks();
    network(() => Response.json({ data: [] }));
    expect(await test(id)).toMatchObject({ ok: true, message: expect.stringContaining("no models") });
  });

  it("says that nobody listens, by a real connection", async () => {
    const { id, name } = await make();
    const { ok, message, models } = await test(id);
    expect([ok, models]).toEqual([false, []]);
    expect(message).toContain(`"${name}" (http://127.0.0.1:1/v1) cannot be reached`);
    expect(message).toContain("See whether it runs");
    const listed = await h.send("GET", `/api/providers/${id}/models`, { as });
    expect([listed.status, listed.body.error.code]).toEqual([502, "provider_failed"]);
  });

  const json = (status: number, message: string) => () => Response.json({ error: { message } }, { status });
  const html = () =>
    new Response("<!doctype html><title>LM Studio</title>", { headers: { "content-type": "text/html" } });
  const fail = (error: Error) => async () => {
    throw error;
  };
  it.each([
    ["a bad key", json(401, `Incorrect API key provided: ${KEY}`), ["answered 401", "Its key is wrong or missing"]],
    ["a wrong path", json(404, "no such route"), ["answered 404: no such route", "end with /v1"]],
    ["too much", json(429, "slow down"), ["answered 429: slow down"]],
    ["a fault of its own", json(500, "out of memory"), ["answered 500: out of memory", "on its side"]],
    [
      "a redirect",
      () => new Response(null, { status: 301, headers: { location: "https://x" } }),
      ["answered 301", "not followed"],
    ],
    ["a page", html, ["no list of models", "<!doctype html>"]],
    ["nothing at all", () => new Response(), ["no list of models: nothing"]],
    ["another JSON", () => Response.json({ models: [] }), ["no list of models"]],
    ["a bad certificate", fail(new Error("TLS peer's certificate is not trusted; reason = self signed")), ["TLS"]],
    ["silence", fail(new DOMException("timed out", "TimeoutError")), ["did not answer in time"]],
  ])("says plainly that it was answered with %s, and never shows the key", async (_what, answer, words) => {
    const { id } = await make({ secret: "OPENAI_KEY" });
    network(answer);
    const tested = await h.send("POST", `/api/providers/${id}/test`, { as });
    expect(tested.body).toMatchObject({ ok: false, models: [] });
    for (const word of words) expect(tested.body["message"]).toContain(word);
    expect(tested.text).not.toContain("canary");
  });

  it("gives up on one that never answers", async () => {
    const { id } = await make();
    vi.spyOn(AbortSignal, "timeout").mockImplementation(() => AbortSignal.abort(new DOMException("", "TimeoutError")));
    network(() => new Promise(() => undefined));
    expect(await test(id)).toMatchObject({ ok: false, message: expect.stringContaining("did not answer in time") });
  });

  it("says when its secret cannot be opened", async () => {
    const { id } = await make({ secret: "OPENAI_KEY" });
    await h.env.DB.prepare("UPDATE secrets SET key_id = 'gone.key'").run();
    expect(await test(id)).toMatchObject({ ok: false, message: expect.stringContaining("MASTER_KEY") });
    await h.send("PUT", "/api/secrets/OPENAI_KEY", { as, body: { value: KEY } });
  });
});
