import { beforeAll, describe, expect, it } from "vitest";
import { base64url, hashSecret } from "@roundhouse/protocol/ids";
import { decodeJoinToken } from "@roundhouse/protocol/join-token";
import { authenticateNode } from "../../../workers/services/node/authenticate.ts";
import { AGENT_FILE, type Harness, joinNode, makeHarness, ORIGIN, PRESET_KEY } from "./harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await makeHarness();
});

const newKey = () => `rhn_${base64url(crypto.getRandomValues(new Uint8Array(32)))}`;
const makeToken = async (body: Record<string, unknown> = {}) =>
  (await h.send("POST", "/api/join-tokens", { as: PRESET_KEY, body })).body;
const join = async (token: string, key: string, name = "box", extra: Record<string, unknown> = {}) => {
  return h.send("POST", "/api/join", { as: token, body: { keyHash: await hashSecret(key), name, ...extra } });
};

describe("a join token", () => {
  it("carries the address, and is listed without its secret", async () => {
    const made = await makeToken({ name: "for the attic", uses: 2 });
    expect(decodeJoinToken(made.token)?.url).toBe("http://localhost:8787");
    expect(made).toMatchObject({ uses: 2, usesLeft: 2 });
    const list = await h.send("GET", "/api/join-tokens", { as: PRESET_KEY });
    expect(list.body.items).toContainEqual(expect.objectContaining({ id: made.id, name: "for the attic" }));
    expect(list.text).not.toContain(decodeJoinToken(made.token)?.secret);
  });

  it("comes with the lines that join: one for any machine, one for machines with npm", async () => {
    const made = await makeToken();
    const script = `curl -fsSL ${ORIGIN}/install.sh | sh -s -- --token ${made.token}`;
    const npx = `npx --yes ${ORIGIN}/agent/${AGENT_FILE} --token ${made.token}`;
    expect(made).toMatchObject({ command: script, install: { script, npx } });
  });

  it("makes one node, whose key then works", async () => {
    const { token } = await makeToken();
    const key = newKey();
    const joined = await join(token, key, "attic");
    expect(joined.status).toBe(201);
    expect(joined.body).toMatchObject({ name: "attic", url: "http://localhost:8787" });
    expect(await authenticateNode(h.db, key)).toEqual({ nodeId: joined.body.id, name: "attic" });
  });

  it("[JN3] answers the same join again, and refuses another one", async () => {
    const { token } = await makeToken();
    const key = newKey();
    const first = await join(token, key);
    const again = await join(token, key);
    expect(again.text).toBe(first.text);
    const other = await join(token, newKey());
    expect([other.status, other.body.error.code]).toEqual([401, "join_token_used"]);
    expect(other.body.error.hint).toContain("new join token");
  });

  it("[JN2] answers the same join again after it expired, and nothing else", async () => {
    const { id, token } = await makeToken({ uses: 5 });
    const key = newKey();
    const first = await join(token, key);
    await h.env.DB.prepare("UPDATE join_tokens SET expires_at = ? WHERE id = ?")
      .bind(Date.now() - 1, id)
      .run();
    expect((await join(token, key)).text).toBe(first.text);
    expect((await join(token, newKey())).body.error.code).toBe("join_token_expired");
  });

  it("[JN2] makes as many nodes as it has uses, however many ask at once", async () => {
    const { id, token } = await makeToken({ uses: 3 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => join(token, newKey(), "same name")));
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([201, 201, 201, 401, 401, 401]);
    const names = answers.filter((answer) => answer.status === 201).map((answer) => answer.body["name"]);
    expect(new Set(names).size).toBe(3);
    const row = await h.env.DB.prepare("SELECT uses_left FROM join_tokens WHERE id = ?").bind(id).first();
    expect(row).toEqual({ uses_left: 0 });
  });

  it("[JN3] is one join when the same one is sent twice at once", async () => {
    const { id, token } = await makeToken({ uses: 2 });
    const key = newKey();
    const [one, other] = await Promise.all([join(token, key), join(token, key)]);
    expect(one?.text).toBe(other?.text);
    expect(await h.env.DB.prepare("SELECT uses_left FROM join_tokens WHERE id = ?").bind(id).first()).toEqual({
      uses_left: 1,
    });
  });

  it("[JN2] is refused before the body is read when it is unknown, expired, revoked or none at all", async () => {
    const expired = await makeToken();
    await h.env.DB.prepare("UPDATE join_tokens SET expires_at = 0 WHERE id = ?").bind(expired.id).run();
    const revoked = await makeToken();
    await h.send("DELETE", `/api/join-tokens/${revoked.id}`, { as: PRESET_KEY });
    const cases: [string | undefined, string][] = [
      [`rhj_${"A".repeat(43)}`, "join_token_invalid"],
      [undefined, "join_token_invalid"],
      [PRESET_KEY, "join_token_invalid"],
      [expired.token, "join_token_expired"],
      [revoked.token, "join_token_invalid"],
    ];
    for (const [as, code] of cases) {
      let pulled = 0;
      const raw = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
      const answer = await h.send("POST", "/api/join", { as, raw, headers: { "content-type": "application/json" } });
      expect([answer.status, answer.body.error.code, pulled]).toEqual([401, code, 0]);
      expect(answer.body.error.hint).toBeTruthy();
    }
  });
});

describe("a node", () => {
  it("[JN3] whose agent is started with a new token stays the same node and spends nothing", async () => {
    const key = newKey();
    const first = await join((await makeToken()).token, key, "garage");
    const second = await makeToken();
    expect((await join(second.token, key, "garage")).text).toBe(first.text);
    expect((await join(second.token, newKey())).status).toBe(201);
  });

  it("that was removed is out at once and cannot come back with its old token", async () => {
    const { token } = await makeToken({ uses: 2 });
    const key = newKey();
    const { id } = (await join(token, key, "cellar")).body;
    h.calls.length = 0;
    expect((await h.send("DELETE", `/api/nodes/${id}`, { as: PRESET_KEY })).status).toBe(204);
    expect(h.calls).toContainEqual({ object: id, method: "remove", argument: undefined });
    expect(await authenticateNode(h.db, key)).toBeUndefined();
    expect((await h.send("GET", `/api/nodes/${id}`, { as: PRESET_KEY })).status).toBe(404);
    expect((await join(token, key, "cellar")).status).toBe(401);
  });

  it("keeps a name that nobody else may take, in any case", async () => {
    const one = await joinNode(h, "Lathe");
    const other = await joinNode(h, "Mill");
    const answer = await h.send("PATCH", `/api/nodes/${other.id}`, { as: PRESET_KEY, body: { name: "lathe" } });
    expect([answer.status, answer.body.error.code]).toEqual([409, "name_taken"]);
    const same = await h.send("PATCH", `/api/nodes/${one.id}`, {
      as: PRESET_KEY,
      body: { name: "LATHE", labels: { a: "b" } },
    });
    expect(same.body).toMatchObject({ name: "LATHE", labels: { a: "b" } });
  });

  it("can narrow its ceiling and never widen it", async () => {
    const policyCeiling = { default: "ask", execCommand: false, rules: [{ tool: "rm", decision: "deny" }] };
    const { id } = (await join((await makeToken()).token, newKey(), "capped", { policyCeiling })).body;
    const patch = (policy: unknown) => h.send("PATCH", `/api/nodes/${id}`, { as: PRESET_KEY, body: { policy } });
    const deny = { tool: "rm", decision: "deny" };
    for (const [policy, ...path] of [
      [{ default: "allow", execCommand: false, rules: [deny] }, "default"],
      [{ default: "ask", execCommand: true, rules: [deny] }, "execCommand"],
      [{ default: "ask", execCommand: false, rules: [] }, "default"],
      [{ default: "deny", execCommand: false, rules: [{ tool: "ls", decision: "allow" }] }, "rules", "0"],
      [{ default: "ask", execCommand: false, rules: [deny, { tool: "l*", decision: "allow" }] }, "rules", "1"],
    ]) {
      const { error } = (await patch(policy)).body;
      const issues = [{ path: ["policy", ...path], message: expect.stringContaining("wider than the ceiling") }];
      expect(error).toMatchObject({ code: "forbidden", details: { issues } });
    }
    expect(
      (await patch({ default: "deny", execCommand: false, rules: [{ tool: "ls", decision: "ask" }] })).status,
    ).toBe(200);
  });

  it("[TC3] takes the ceiling of its owner, who starts its agent with another one", async () => {
    const key = newKey();
    const { token } = await makeToken();
    const { id } = (await join(token, key, "owned")).body;
    const open = { default: "allow", execCommand: true, rules: [] };
    const patch = () => h.send("PATCH", `/api/nodes/${id}`, { as: PRESET_KEY, body: { policy: open } });
    expect((await patch()).status).toBe(200);
    const policyCeiling = { default: "ask", execCommand: false, rules: [] };
    expect((await join(token, key, "owned", { policyCeiling })).body.id).toBe(id);
    expect((await patch()).body.error).toMatchObject({ code: "forbidden", details: { ceiling: policyCeiling } });
  });

  it("that is unknown is answered with where to look", async () => {
    const answer = await h.send("GET", "/api/nodes/nd_nothing", { as: PRESET_KEY });
    expect(answer.body.error).toMatchObject({ code: "not_found", hint: expect.stringContaining("/api/nodes") });
  });

  it("answers its stats over the link, and node_offline without one", async () => {
    const { id } = await joinNode(h);
    const offline = await h.send("GET", `/api/nodes/${id}/stats`, { as: PRESET_KEY });
    expect([offline.status, offline.body.error.code]).toEqual([503, "node_offline"]);
    h.agent.answer = (url) => (url.pathname === "/agent/stats" ? Response.json({ items: [] }) : undefined);
    expect((await h.send("GET", `/api/nodes/${id}/stats`, { as: PRESET_KEY })).body).toEqual({ items: [] });
  });

  it("[SV6] answers which versions it has, unless its agent is too old to know", async () => {
    const { id } = await joinNode(h, "versions");
    const ask = () => h.send("GET", `/api/nodes/${id}/versions`, { as: PRESET_KEY });
    h.agent.answer = () => new Response(null, { status: 404 });
    expect((await ask()).body.error).toMatchObject({ code: "conflict", hint: expect.stringContaining("Upgrade") });
    const versions = {
      pythons: [{ version: "3.12", source: "fetched" }],
      cuda: { driver: "12.8", versions: ["12.8"] },
      torch: [{ version: "2.10.0", cuda: ["13.0", "12.8"] }],
      torchSource: "index",
    };
    h.agent.answer = (url) => (url.pathname === "/agent/versions" ? Response.json(versions) : undefined);
    expect((await ask()).body).toEqual(versions);
  });
});
