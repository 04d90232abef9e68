import { beforeAll, describe, expect, it } from "vitest";
import { type Access, admit } from "../../../workers/api/access.ts";
import { accessRules } from "../../../workers/api/app.ts";
import { createApi } from "../../../workers/api/index.ts";
import { localKey } from "../../../workers/people/derived-keys.ts";
import { type Harness, joinNode, makeHarness, makeKey, PRESET_KEY, type Session, signInOwner } from "./harness.ts";

type Caller = {
  name: string;
  as?: string;
  headers?: Record<string, string>;
  role: "viewer" | "operator" | "admin" | null;
};
type Operation = { method: string; path: string; access: Access };

const RANK = { viewer: 1, operator: 2, admin: 3 };
let h: Harness;
let operations: Operation[];
let callers: Caller[];

beforeAll(async () => {
  h = await makeHarness();
  const document = (await h.send("GET", "/api/openapi.json")).body as unknown as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => {
      return {
        method: method.toUpperCase(),
        path: path.replace("{id}", "nothing-here"),
        access: operation["x-access"],
      };
    });
  });
  callers = await makeCallers();
});
type Document = { paths: Record<string, Record<string, { "x-access": Access }>> };

async function makeCallers(): Promise<Caller[]> {
  const revoked = await makeKey(h, "admin");
  await h.send("DELETE", `/api/keys/${revoked.id}`, { as: PRESET_KEY });
  const expired = await makeKey(h, "admin", { expiresInSeconds: 60 });
  await h.env.DB.prepare("UPDATE api_keys SET expires_at = ? WHERE id = ?")
    .bind(Date.now() - 1, expired.id)
    .run();
  const owner: Session = await signInOwner(h);
  const node = await joinNode(h);
  return [
    { name: "nobody", role: null },
    { name: "a viewer's key", as: (await makeKey(h, "viewer")).key, role: "viewer" },
    { name: "an operator's key", as: (await makeKey(h, "operator")).key, role: "operator" },
    { name: "an admin's key", as: (await makeKey(h, "admin")).key, role: "admin" },
    { name: "a revoked key", as: revoked.key, role: null },
    { name: "an expired key", as: expired.key, role: null },
    { name: "a key nobody made", as: `rhk_${"A".repeat(43)}`, role: null },
    {
      name: "a session without its proof",
      headers: { cookie: owner.cookie, origin: "http://localhost:8787" },
      role: null,
    },
    { name: "a node's key", as: node.key, role: null },
    { name: "the local key", as: await localKey(h.env), role: null },
  ];
}

/** Whether the guard lets the caller through to the route; what the route then says does not matter here. */
function isAdmitted(caller: Caller, { access }: Operation): boolean {
  if (access === "public") return true;
  if (access === "local") return caller.name === "the local key";
  if (access === "viewer" || access === "operator" || access === "admin") {
    return caller.role !== null && RANK[caller.role] >= RANK[access];
  }
  return false;
}

describe("every route of the document", () => {
  it("is admitted exactly to those its x-access names", async () => {
    expect(operations.length).toBeGreaterThan(35);
    for (const operation of operations) {
      for (const caller of callers) {
        // The admin's key is used last of all: nothing of value is behind `nothing-here`, and bodies are empty.
        const { status, body } = await h.send(operation.method, operation.path, {
          as: caller.as,
          headers: caller.headers,
        });
        const code = body.error?.code;
        const refused = status === 401 || (status === 403 && code === "forbidden");
        const isOwnRefusal =
          (operation.path === "/api/account" && code === "invalid_input") || code === "bad_webhook_signature";
        const label = `${caller.name}: ${operation.method} ${operation.path} → ${status} ${code}`;
        expect(`${label} refused=${refused && !isOwnRefusal}`).toBe(
          `${label} refused=${!isAdmitted(caller, operation)}`,
        );
      }
    }
  });

  it("has an access rule, and everything routed is in the document", () => {
    const api = createApi();
    const declared = accessRules(api).map(
      (rule) => `${rule.method.toUpperCase()} ${rule.path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    );
    const routed = api.routes.filter((route) => route.method !== "ALL").map((route) => `${route.method} ${route.path}`);
    expect(new Set(routed)).toEqual(new Set(declared));
    const all = api.routes.filter((route) => route.method === "ALL").map((route) => route.path);
    expect(new Set(all)).toEqual(new Set(["/*"]));
  });

  it("is denied when it was added behind the table's back", async () => {
    const api = createApi();
    api.get("/api/forgotten", (c) => c.text("secret"));
    const response = await api.fetch(new Request("http://localhost:8787/api/forgotten"), h.env);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain("secret");
  });
});

describe("requests that no route takes", () => {
  it("are answered 404 and 405 in the shape of every error", async () => {
    const nowhere = await h.send("GET", "/api/nowhere");
    expect([nowhere.status, nowhere.body.error.code]).toEqual([404, "not_found"]);
    const method = await h.send("PUT", "/api/nodes");
    expect([method.status, method.body.error.code, method.headers.get("allow")]).toEqual([
      405,
      "method_not_allowed",
      "GET",
    ]);
    expect(method.body.error.hint).toContain("GET");
  });

  it("are not admitted by a doubled slash, an encoded path or a trailing slash", async () => {
    for (const path of [
      "//api/nodes",
      "/api//nodes",
      "/api/nodes/",
      "/api/%6eodes",
      "/api/nodes/../nodes/",
      "/API/nodes",
    ]) {
      const answer = await h.send("GET", path);
      expect([401, 404]).toContain(answer.status);
    }
  });
});

describe("a key", () => {
  it("is one statement to check", async () => {
    const { key } = await makeKey(h, "viewer");
    await h.send("GET", "/api/blueprints/hello", { as: key });
    const prepared: string[] = [];
    const DB = new Proxy(h.env.DB, {
      get(target, property) {
        if (property !== "prepare") return Reflect.get(target, property, target);
        return (sql: string) => {
          prepared.push(sql);
          return target.prepare(sql);
        };
      },
    });
    const request = new Request("http://localhost:8787/api/blueprints/hello", {
      headers: { authorization: `Bearer ${key}` },
    });
    const response = await createApi().fetch(request, { ...h.env, DB });
    expect(response.status).toBe(200);
    expect(prepared).toHaveLength(1);
  });

  it("cannot make one that can do more than itself", async () => {
    const { key } = await makeKey(h, "operator");
    const answer = await h.send("POST", "/api/keys", { as: key, body: { name: "more", role: "admin" } });
    expect([answer.status, answer.body.error.code]).toEqual([403, "forbidden"]);
  });

  it("of somebody else is answered like one that does not exist", async () => {
    const viewer = await makeKey(h, "viewer");
    const other = await makeKey(h, "operator");
    const foreign = await h.send("DELETE", `/api/keys/${other.id}`, { as: viewer.key });
    const random = await h.send("DELETE", "/api/keys/ak_nothing", { as: viewer.key });
    expect(foreign.status).toBe(404);
    expect(foreign.text.replace(other.id, "ak_nothing")).toBe(random.text);
    const seen = await h.send("GET", "/api/keys", { as: viewer.key });
    expect(seen.body.items.map((item) => item["id"])).toEqual([viewer.id]);
  });

  it("is shown once, stored as its hash, and closes what it holds open when it is revoked", async () => {
    const { id, key } = await makeKey(h, "viewer");
    const stored = await h.env.DB.prepare("SELECT * FROM api_keys WHERE id = ?").bind(id).first();
    expect(JSON.stringify(stored)).not.toContain(key);
    const node = await joinNode(h);
    h.calls.length = 0;
    await h.send("DELETE", `/api/keys/${id}`, { as: PRESET_KEY });
    const argument = { by: "key", keyId: id };
    expect(h.calls).toContainEqual({ object: node.id, method: "revoke", argument });
    expect(h.calls).toContainEqual({ object: "feed", method: "revoke", argument });
  });
});

it("a short preset key opens nothing", async () => {
  const env = { ...h.env, ROUNDHOUSE_ADMIN_KEY: "too-short" };
  const request = new Request("http://localhost:8787/api/nodes", { headers: { authorization: "Bearer too-short" } });
  expect((await createApi().fetch(request, env)).status).toBe(401);
});

it("machines are never admitted where people are asked for", () => {
  for (const type of ["nobody", "local"] as const) expect(() => admit("viewer", { type })).toThrow();
  expect(() => admit("viewer", { type: "node", nodeId: "nd", name: "n" })).toThrow();
  expect(() => admit("node", { type: "presetKey" })).toThrow();
});
