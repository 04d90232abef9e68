import { createExecutionContext } from "cloudflare:test";
import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { AccessRule } from "../../../workers/api/access.ts";
import { accessRules, makeApp } from "../../../workers/api/app.ts";
import { changeOf } from "../../../workers/api/change.ts";
import { createApi } from "../../../workers/api/index.ts";
import { route } from "../../../workers/api/route.ts";
import { localKey } from "../../../workers/people/derived-keys.ts";
import { recordAudit } from "../../../workers/services/audit/record.ts";
import {
  type Harness,
  joinNode,
  makeHarness,
  makeInstance,
  makeKey,
  ORIGIN,
  PRESET_KEY,
  signInOwner,
} from "./harness.ts";

const as = PRESET_KEY;
const FROM = { "cf-connecting-ip": "203.0.113.7" };
let h: Harness;
beforeAll(async () => {
  h = await makeHarness();
});
beforeEach(() => h.env.DB.prepare("DELETE FROM audit").run());

async function entries(query = ""): Promise<AuditEntry[]> {
  const answer = await h.send("GET", `/api/audit${query}`, { as });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items as unknown as AuditEntry[];
}

describe("every route that is not safe", () => {
  const unsafe = accessRules(createApi()).filter(({ method }) => !["get", "head", "options"].includes(method));

  /** The route as it is declared, with a handler that succeeds: what is recorded depends on nothing else. */
  async function succeed(rule: AccessRule): Promise<void> {
    const api = makeApp();
    const { method, path, access, audit } = rule;
    const responses = { 200: { description: "" } };
    const declared = { method: method as "post", path, access, responses };
    api.openapi(route(audit === undefined ? declared : { ...declared, audit }), (c) =>
      c.json({ id: "xx_1", name: "it" }),
    );
    const given = path.replaceAll(/\{\w+\}(\{.+\})?/g, "some-id");
    const request = new Request(ORIGIN + given, { method: method.toUpperCase(), headers: await callerOf(rule) });
    const response = await api.fetch(request, h.env, createExecutionContext());
    expect(response.status, `${method} ${path}`).toBe(200);
  }

  async function callerOf({ access }: AccessRule): Promise<Record<string, string>> {
    if (access === "public") return {};
    if (access === "local") return { authorization: `Bearer ${await localKey(h.env)}` };
    if (access === "node") return { authorization: `Bearer ${(await joinNode(h)).key}` };
    if (access !== "join-token") return { authorization: `Bearer ${as}` };
    const made = await h.send("POST", "/api/join-tokens", { as, body: {} });
    return { authorization: `Bearer ${made.body.token}` };
  }

  it("leaves an entry when it succeeded, unless it declares that it changes nothing", async () => {
    expect(unsafe.length).toBeGreaterThan(35);
    for (const rule of unsafe) {
      // Making a caller is recorded as well.
      await callerOf(rule);
      await h.env.DB.prepare("DELETE FROM audit").run();
      await succeed(rule);
      const [entry] = await entries();
      const label = `${rule.method} ${rule.path}`;
      if (rule.audit === false) expect(entry, label).toBeUndefined();
      else
        expect(entry, label).toMatchObject({
          action: expect.stringMatching(/^[a-z-]+$/),
          entity: expect.stringMatching(/^[a-z-]+[^s]$/),
        });
    }
  });

  it("that is added later is recorded by itself, and one that failed or was refused is not", async () => {
    const rule = { method: "post", path: "/api/gizmos/{id}/polish", access: "viewer", streamed: false } as const;
    await succeed({ ...rule, audit: undefined });
    expect(await entries()).toMatchObject([{ action: "polish", entity: "gizmo", entityId: "some-id" }]);
    await h.env.DB.prepare("DELETE FROM audit").run();
    await h.send("DELETE", "/api/nodes/nothing", { as });
    await h.send("POST", "/api/secrets", { as, body: {} });
    await h.send("POST", "/api/session", { body: { email: "a@example.com", password: "wrong password" } });
    await h.send("POST", "/api/secrets/rotate", { as: (await makeKey(h, "viewer")).key });
    await h.send("GET", "/api/nodes", { as });
    expect((await entries()).map(({ action, entity }) => `${action} ${entity}`)).toEqual(["create key"]);
  });
});

describe("an entry", () => {
  it("says who did what to which thing, when, and from where", async () => {
    const node = await joinNode(h, "audited box");
    const id = await makeInstance(h, node.id, { name: "audited app" });
    const { id: keyId, key } = await makeKey(h, "operator");
    const before = Date.now();
    await h.send("POST", `/api/instances/${id}/start`, { as: key, headers: FROM });
    const [entry] = await entries(`?entity=instance&entityId=${id}`);
    expect(entry).toEqual({
      id: expect.stringMatching(/^au_/),
      at: expect.any(String),
      actor: { type: "key", id: keyId, name: "operator key" },
      ...{ action: "start", entity: "instance", entityId: id, entityName: "audited app" },
      ...{ from: "203.0.113.7", detail: null },
    });
    expect(Date.parse(entry?.at ?? "")).toBeGreaterThanOrEqual(before);
    const joined = (await entries("?entity=node"))[0];
    expect(joined).toMatchObject({
      action: "join",
      entityId: node.id,
      entityName: "audited box",
      detail: expect.stringMatching(/join-token: jt_/),
    });
  });

  it("says that an address is unknown, and believes no header where everybody can set it", async () => {
    const fromNow = async (headers?: Record<string, string>) => {
      await h.send("POST", "/api/keys", { as, body: { name: "k", role: "viewer" }, headers });
      return (await entries())[0]?.from;
    };
    expect(await fromNow()).toBe("unknown");
    for (const known of ["this machine", "unknown"]) {
      h.env.CLIENT_ADDRESS = known;
      expect(
        await fromNow({ ...FROM, "x-forwarded-for": "203.0.113.8", "mf-cf-blob": '{"clientIp":"203.0.113.9"}' }),
      ).toBe(known);
    }
    delete h.env.CLIENT_ADDRESS;
    expect(await fromNow(FROM)).toBe("203.0.113.7");
  });

  it("names a person, also one who signs in", async () => {
    const owner = await signInOwner(h);
    expect((await entries())[0]).toMatchObject({ action: "sign-in", entity: "user", entityId: owner.userId });
    await h.send("POST", "/api/keys", { headers: owner.headers, body: { name: "mine", role: "viewer" } });
    const [made] = await entries();
    expect(made).toMatchObject({ action: "create", entity: "key", entityName: "mine" });
    expect(made?.actor).toMatchObject({ type: "user", id: owner.userId, name: expect.stringMatching(/@/) });
  });

  it("of a deletion has the name that the thing had, and of what a path names by name the id", async () => {
    const body = { name: "Doomed", baseUrl: "http://127.0.0.1:1/v1" };
    const { id } = (await h.send("POST", "/api/providers", { as, body })).body;
    await h.send("PATCH", "/api/providers/doomed", { as, body: { toolCalls: "fenced" } });
    await h.send("DELETE", `/api/providers/${id}`, { as });
    const told = (await entries(`?entity=provider&entityId=${id}`)).map(({ action, entityName }) => [
      action,
      entityName,
    ]);
    expect(told).toEqual([
      ["delete", "Doomed"],
      ["change", "Doomed"],
      ["create", "Doomed"],
    ]);
  });

  it("tells of a thing within another where it is, and of what was made the id", async () => {
    const node = await joinNode(h);
    const id = await makeInstance(h, node.id);
    const { body: share } = await h.send("POST", `/api/instances/${id}/shares`, { as, body: {} });
    const { body: copy } = await h.send("POST", `/api/instances/${id}/satellite`, { as, body: { name: "moon" } });
    expect((await entries()).slice(0, 2)).toMatchObject([
      { action: "satellite", entity: "instance", entityId: id, detail: `made: ${copy.id}` },
      { action: "create", entity: "share", entityId: share.id, detail: `instance: ${id}` },
    ]);
  });

  it("never has a secret's value, a key or a link in it", async () => {
    await h.send("POST", "/api/secrets", { as, body: { name: "CANARY", value: "canary-value-0123" } });
    await h.send("PUT", "/api/secrets/CANARY", { as, body: { value: "canary-value-4567" } });
    const { key } = await makeKey(h, "admin");
    const token = (await h.send("POST", "/api/join-tokens", { as, body: {} })).body.token;
    const { results } = await h.env.DB.prepare("SELECT * FROM audit").all();
    expect(results).toHaveLength(4);
    for (const hidden of ["canary-value", key, token]) expect(JSON.stringify(results)).not.toContain(hidden);
    expect((await entries("?entity=secret"))[0]).toMatchObject({
      action: "put",
      entityId: "CANARY",
      entityName: "CANARY",
    });
  });

  it("that cannot be written is put into the server's log, and the change stands", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue(undefined);
    await h.env.DB.prepare("ALTER TABLE audit RENAME TO audit_away").run();
    const made = await h.send("POST", "/api/secrets", { as, body: { name: "KEPT", value: "a long value" } });
    await h.env.DB.prepare("ALTER TABLE audit_away RENAME TO audit").run();
    expect(made.status).toBe(201);
    expect(log.mock.calls.flat().join(" ")).toMatch(/AUDIT ENTRY NOT WRITTEN .*"entityId":"KEPT"/);
    log.mockRestore();
  });
});

describe("the log", () => {
  const record = (at: Date, entityId: string) =>
    recordAudit(h.db, {
      ...{ at, actor: { type: "run", id: "rn_1", name: "a run" }, action: "start", entity: "run", entityId },
      ...{ entityName: null, from: null, detail: "x".repeat(2000) },
    });

  it("is read by admins, newest first, in pages that neither repeat nor skip", async () => {
    const at = new Date();
    for (const id of ["a", "b", "c", "d", "e"]) await record(at, id);
    await record(new Date(at.getTime() - 1000), "older");
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = `?limit=2&entity=run${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const { body } = await h.send("GET", `/api/audit${query}`, { as });
      seen.push(...body.items.map((item) => String(item["entityId"])));
      cursor = body.cursor;
    }
    expect(seen.toSorted()).toEqual(["a", "b", "c", "d", "e", "older"]);
    expect(seen.at(-1)).toBe("older");
    expect((await h.send("GET", "/api/audit", { as: (await makeKey(h, "operator")).key })).status).toBe(403);
  });

  it("forgets after 400 days, and keeps words short", async () => {
    const day = 24 * 3600 * 1000;
    const now = Date.now();
    await record(new Date(now - 399 * day), "kept");
    await record(new Date(now - 401 * day), "old");
    await record(new Date(now), "new");
    const kept = await entries("?entity=run");
    expect(kept.map(({ entityId }) => entityId)).toEqual(["new", "kept"]);
    expect(kept[0]?.detail?.length).toBeLessThan(600);
  });
});

it.each([
  ["POST", "/api/nodes", "create node", null],
  ["PATCH", "/api/nodes/{id}", "change node", "1"],
  ["PUT", "/api/secrets/{name}", "put secret", "n"],
  ["POST", "/api/secrets/rotate", "rotate secret", null],
  ["POST", "/api/users/{id}/sign-in-link", "sign-in-link user", "1"],
  ["DELETE", "/api/instances/{id}/terminals/{terminal}", "delete terminal", "t"],
  ["PUT", "/api/instances/{id}/files/{path}{[^]+}", "put file", "a/b"],
  ["POST", "/api/nodes/{id}/trash/{entry}/restore", "restore trash", "e"],
] as const)("%s %s is read as “%s”", (method, path, words, id) => {
  const change = changeOf(method, path, undefined)?.({ id: "1", name: "n", terminal: "t", path: "a/b", entry: "e" });
  expect([`${change?.action} ${change?.entity}`, change?.id]).toEqual([words, id]);
});
