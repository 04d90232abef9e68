import { beforeEach, describe, expect, it, vi } from "vitest";
import { revealSecret } from "../../../workers/services/secret/reveal.ts";
import { type Harness, makeHarness, makeKey, PRESET_KEY } from "./harness.ts";

const as = PRESET_KEY;
const CANARY = "sk-canary-Ωvery-secret-0123456789";
let h: Harness;
let count = 0;
beforeEach(async () => {
  h ??= await makeHarness();
  await h.env.DB.batch(["providers", "secrets", "jobs"].map((table) => h.env.DB.prepare(`DELETE FROM ${table}`)));
});

async function make(value = CANARY, name = `NAME_${(count += 1)}`): Promise<string> {
  const made = await h.send("POST", "/api/secrets", { as, body: { name, value } });
  expect(made.status, made.text).toBe(201);
  return name;
}
const reveal = (name: string, env: Partial<Harness["env"]> = {}) => revealSecret({ ...h.env, ...env }, h.db, name);
const rowOf = (name: string) =>
  h.env.DB.prepare("SELECT * FROM secrets WHERE name = ?").bind(name).first<{ sealed: string; key_id: string }>();
const job = (spec: unknown, name: string) =>
  h.env.DB.prepare("INSERT INTO jobs (id, name, spec, enabled, created_at, updated_at) VALUES (?, ?, ?, 1, 1, 1)")
    .bind(`jb_${name}`, name, JSON.stringify(spec))
    .run();

describe("a secret", () => {
  it("is sealed with a nonce of its own, opens again, and is in no answer and no row", async () => {
    const [one, other] = [await make(), await make()];
    expect(await reveal(one)).toBe(CANARY);
    const rows = [await rowOf(one), await rowOf(other)];
    expect(rows[0]?.key_id).toBe(rows[1]?.key_id);
    expect(rows[0]?.sealed.slice(0, 16)).not.toBe(rows[1]?.sealed.slice(0, 16));
    const listed = await h.send("GET", "/api/secrets", { as });
    expect(listed.body.items).toMatchObject([{ name: one, usedBy: [] }, { name: other }]);
    expect(listed.text + JSON.stringify(rows)).not.toContain(CANARY);
    expect(listed.text).not.toContain(rows[0]?.sealed);
  });

  it("does not open under another name, or when one bit of it was changed", async () => {
    const [one, other] = [await make(), await make("another value")];
    await h.env.DB.prepare("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = ?) WHERE name = ?")
      .bind(one, other)
      .run();
    await expect(reveal(other)).rejects.toMatchObject({ code: "conflict" });
    const sealed = (await rowOf(one))?.sealed ?? "";
    const changed = (sealed.startsWith("A") ? "B" : "A") + sealed.slice(1);
    await h.env.DB.prepare("UPDATE secrets SET sealed = ? WHERE name = ?").bind(changed, one).run();
    await expect(reveal(one)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(one) });
  });

  it("is put over an older one, and made where there is none", async () => {
    const name = await make();
    const put = await h.send("PUT", `/api/secrets/${name}`, { as, body: { value: "a newer value" } });
    expect([put.status, await reveal(name)]).toEqual([200, "a newer value"]);
    expect(await h.send("PUT", "/api/secrets/FRESH", { as, body: { value: CANARY } })).toMatchObject({ status: 200 });
    expect(await reveal("FRESH")).toBe(CANARY);
  });

  it("is refused with a taken name, a bad name, and a short value, which is not repeated", async () => {
    const name = await make();
    const taken = await h.send("POST", "/api/secrets", { as, body: { name, value: CANARY } });
    expect([taken.status, taken.body.error.code]).toEqual([409, "name_taken"]);
    const bad = await h.send("POST", "/api/secrets", { as, body: { name: "1 x", value: "pss123" } });
    expect(bad.body.error).toMatchObject({ code: "invalid_input", message: expect.stringContaining('name: "1 x"') });
    const short = await h.send("PUT", "/api/secrets/SHORT", { as, body: { value: "pss123" } });
    expect(short.body.error).toMatchObject({ code: "invalid_input", message: expect.stringContaining("8 characters") });
    expect(bad.text + short.text).not.toContain("pss123");
  });

  it("is written by admins only, and its name is read by operators", async () => {
    const { key } = await makeKey(h, "operator");
    expect((await h.send("GET", "/api/secrets", { as: key })).status).toBe(200);
    expect((await h.send("POST", "/api/secrets", { as: key, body: { name: "X", value: CANARY } })).status).toBe(403);
    expect((await h.send("POST", "/api/secrets/rotate", { as: key })).status).toBe(403);
    expect((await h.send("GET", "/api/secrets", { as: (await makeKey(h, "viewer")).key })).status).toBe(403);
  });

  it("that nobody made is unknown", async () => {
    await expect(reveal("NOTHING")).rejects.toMatchObject({ code: "unknown_secret" });
    expect((await h.send("DELETE", "/api/secrets/NOTHING", { as })).status).toBe(404);
  });

  it("is listed in pages", async () => {
    for (const name of ["C_SECRET", "A_SECRET", "B_SECRET"]) await make(CANARY, name);
    const first = await h.send("GET", "/api/secrets?limit=2", { as });
    const second = await h.send("GET", `/api/secrets?limit=2&cursor=${first.body.cursor}`, { as });
    const names = [...first.body.items, ...second.body.items].map((item) => item["name"]);
    expect([names, second.body.cursor]).toEqual([["A_SECRET", "B_SECRET", "C_SECRET"], null]);
  });
});

describe("a secret in use", () => {
  it("names the providers and jobs that use it, and is not removed before they let go of it", async () => {
    const name = await make();
    const baseUrl = "http://127.0.0.1:1/v1";
    const provider = await h.send("POST", "/api/providers", { as, body: { name: "LM Studio", baseUrl, secret: name } });
    await job({ instructions: `say ${name}`, secrets: [name, name] }, "bound");
    await job({ secrets: [], notify: { url: "https://example.com", secret: name } }, "notifies");
    await job({ triggers: [{ kind: "cron" }, { kind: "webhook", secrets: ["OTHER", name] }] }, "hooked");
    await job({ instructions: name, output: { schema: { secrets: [name] } }, notify: null }, "only mentions it");
    const [listed] = (await h.send("GET", "/api/secrets", { as })).body.items;
    expect(listed?.["usedBy"]).toEqual([
      { kind: "provider", id: provider.body.id, name: "LM Studio" },
      ...["bound", "hooked", "notifies"].map((of) => ({ kind: "job", id: `jb_${of}`, name: of })),
    ]);
    const refused = await h.send("DELETE", `/api/secrets/${name}`, { as });
    expect([refused.status, refused.body.error.code]).toEqual([409, "secret_in_use"]);
    expect(refused.body.error.message).toContain('the provider "LM Studio", the job "bound"');
    await h.send("DELETE", `/api/providers/${provider.body.id}`, { as });
    await h.env.DB.prepare("DELETE FROM jobs").run();
    expect((await h.send("DELETE", `/api/secrets/${name}`, { as })).status).toBe(204);
  });
});

describe("a rotation", () => {
  it("seals all anew under a new key, and later secrets too", async () => {
    const names = [await make("value number one"), await make("value number two")];
    const before = await Promise.all(names.map(rowOf));
    const rotated = await h.send("POST", "/api/secrets/rotate", { as });
    expect(rotated.body).toMatchObject({ secrets: 2 });
    const after = await Promise.all(names.map(rowOf));
    for (const [at, row] of after.entries()) {
      expect(row?.key_id).toBe(rotated.body["keyId"]);
      expect(row?.key_id).not.toBe(before[at]?.key_id);
      expect(row?.sealed).not.toBe(before[at]?.sealed);
    }
    expect(await Promise.all(names.map((name) => reveal(name)))).toEqual(["value number one", "value number two"]);
    expect((await rowOf(await make()))?.key_id).toBe(rotated.body["keyId"]);
  });

  it("never overwrites what is put at the same moment", async () => {
    const names = await Promise.all(Array.from({ length: 8 }, () => make("the former value")));
    const puts = names.map((name) => h.send("PUT", `/api/secrets/${name}`, { as, body: { value: "the newer value" } }));
    const [rotated] = await Promise.all([h.send("POST", "/api/secrets/rotate", { as }), ...puts]);
    expect(rotated.status).toBe(200);
    for (const name of names) expect(await reveal(name)).toBe("the newer value");
  });

  it("takes secrets over from a former master key, which is then needed no more", async () => {
    const name = await make();
    const former = h.env.MASTER_KEY;
    const replaced = { MASTER_KEY: "bmV3LW1hc3Rlci1rZXktdGhhdC1pcy0zMi1ieXRlcw" };
    await expect(reveal(name, replaced)).rejects.toMatchObject({
      code: "conflict",
      hint: expect.stringContaining("MASTER_KEY_PREVIOUS"),
    });
    const both = { ...replaced, MASTER_KEY_PREVIOUS: former };
    expect(await reveal(name, both)).toBe(CANARY);
    Object.assign(h.env, both);
    // A new secret is never sealed under the former key.
    const fresh = await make("made in between");
    expect(await reveal(fresh, { MASTER_KEY_PREVIOUS: undefined })).toBe("made in between");
    expect((await h.send("POST", "/api/secrets/rotate", { as })).status).toBe(200);
    delete h.env.MASTER_KEY_PREVIOUS;
    expect(await reveal(name)).toBe(CANARY);
    h.env.MASTER_KEY = former;
  });

  it("changes nothing when one secret cannot be opened", async () => {
    const [good, lost] = [await make(), await make()];
    await h.env.DB.prepare("UPDATE secrets SET key_id = 'gone.key' WHERE name = ?").bind(lost).run();
    const before = await rowOf(good);
    const refused = await h.send("POST", "/api/secrets/rotate", { as });
    expect([refused.status, refused.body.error.code]).toEqual([409, "conflict"]);
    expect(refused.body.error.message).toContain(lost);
    expect(await rowOf(good)).toEqual(before);
  });
});

it("nothing of a secret is logged", async () => {
  const lines: string[] = [];
  const spies = (["log", "warn", "error", "info", "debug"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((...words) => void lines.push(words.map(String).join(" "))),
  );
  const name = await make();
  await h.send("PUT", `/api/secrets/${name}`, { as, body: { value: CANARY } });
  await h.send("POST", "/api/secrets/rotate", { as });
  await h.send("GET", "/api/secrets", { as });
  for (const spy of spies) spy.mockRestore();
  expect(lines.join("\n")).not.toContain("canary");
});
