/** MCP servers of nodes at the whole Worker: how they are wished for, what becomes of their tools, and their endpoints (SPEC MC1–MC7). */
import type { McpServer, McpTools } from "@roundhouse/protocol/api/mcp-server";
import { MCP_HEADER } from "@roundhouse/protocol/mcp";
import { hashOfDefinition } from "@roundhouse/protocol/mcp-definition";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { api, db, eventually, makeNode, migrate, PRESET_KEY, type TestNode } from "./harness.ts";
import { McpNode, toolOf } from "./mcp-node.ts";
import { ORIGIN, worker } from "./worker.ts";

const COMMAND = {
  kind: "command",
  command: "npx",
  args: ["-y", "@modelcontextprotocol/server-filesystem", "{models}"],
};
const SECRET = "mcp-canary-0123456789";
const MARK: [string, string] = [MCP_HEADER, "ms"];

type Answer = { status: number; body: { error: Failure }; headers: Headers };
type Failure = { code: string; message: string; hint?: string; details: never };

let node: TestNode;
let fake: McpNode;
let count = 0;
beforeAll(async () => {
  await migrate();
  await api("PUT", "/api/secrets/MCP_KEY", { value: SECRET });
});
beforeEach(async () => {
  node = await makeNode();
  fake = await McpNode.connect(node);
});

const fresh = (): string => `files-${(count += 1)}`;
const make = (parts: object = {}): Promise<McpServer> =>
  api("POST", "/api/mcp-servers", { name: fresh(), node: node.id, run: COMMAND, ...parts });
const shown = (id: string): Promise<McpServer> => api("GET", `/api/mcp-servers/${id}`);
const toolsOf = (id: string): Promise<McpTools> => api("GET", `/api/mcp-servers/${id}/tools`);
const decide = (id: string, decision: string, tools: { name: string; hash: string }[], key?: string) =>
  send("POST", `/api/mcp-servers/${id}/tools`, { decision, tools }, key);
const wanted = async () => (await fake.agent.next("control.desired")).mcpServers;

async function send(method: string, path: string, body?: unknown, key = PRESET_KEY): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await worker.fetch(ORIGIN + path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

async function keyFor(role: string): Promise<string> {
  return (await api<{ key: string }>("POST", "/api/keys", { name: `${role} ${(count += 1)}`, role })).key;
}

async function approveAll(id: string): Promise<void> {
  const { items } = await toolsOf(id);
  const answer = await decide(id, "approve", items);
  expect(answer.status).toBe(200);
}

/** A server of which the node showed these tools. */
async function seen(...names: string[]): Promise<McpServer> {
  const server = await make();
  await fake.show(
    server.id,
    names.map((name) => toolOf(name)),
  );
  await eventually(async () => expect((await toolsOf(server.id)).items).toHaveLength(names.length));
  return server;
}

describe("an MCP server of a node", () => {
  it("[MC1] is told to its node with the names of its secrets, and taken back", async () => {
    const env = [
      { name: "ROOT", value: "/srv" },
      { name: "TOKEN", secret: "MCP_KEY" },
    ];
    const server = await make({ env, idleMinutes: 5 });
    expect(await wanted()).toEqual([{ id: server.id, name: server.name, run: COMMAND, env, idleMinutes: 5, pins: {} }]);
    expect(JSON.stringify(fake.agent.messages("control.desired"))).not.toContain(SECRET);
    await api("PATCH", `/api/mcp-servers/${server.name}`, { run: { ...COMMAND, args: [] } });
    expect(await wanted()).toMatchObject([{ run: { ...COMMAND, args: [] }, env }]);
    await api("DELETE", `/api/mcp-servers/${server.id}`);
    expect(await wanted()).toEqual([]);
  });

  it("[MC3] gets its secrets, and no other node does", async () => {
    const server = await make({ env: [{ name: "TOKEN", secret: "MCP_KEY" }] });
    const other = await McpNode.connect(await makeNode());
    other.agent.send({ type: "agent.need_secrets", instance: server.id });
    fake.agent.send({ type: "agent.need_secrets", instance: server.id });
    const told = await fake.agent.next("control.secrets");
    expect(told).toMatchObject({ instance: server.id, values: { MCP_KEY: SECRET }, refused: null });
    expect(other.agent.messages("control.secrets")).toEqual([]);
    const users = await api<{ items: { name: string; usedBy: object[] }[] }>("GET", "/api/secrets");
    expect(users.items.find(({ name }) => name === "MCP_KEY")?.usedBy).toContainEqual({
      ...{ kind: "mcp-server", id: server.id, name: server.name },
    });
  });

  it.each([
    [{ name: "No Spaces" }, 400, /name: .*dashes/],
    [{ run: { kind: "command", command: "npx", args: ["x".repeat(4096)] } }, 400, /run: it takes \d+ bytes/],
    [
      { run: { kind: "http", port: 3000, headers: { authorization: "TOKEN" } } },
      400,
      /run.headers.authorization: there is no/,
    ],
    [{ run: { kind: "container", image: "NOT AN IMAGE" } }, 400, /run.image/],
    [{ run: { kind: "container", image: "a", mounts: [{ from: "../up", to: "/x" }] } }, 400, /run.mounts.0.from/],
    [{ env: [{ name: "A", secret: "NOBODY" }] }, 400, /env.0.secret: there is no secret "NOBODY"/],
    [{ node: "nowhere" }, 400, /node: there is no node "nowhere"/],
  ])("is refused by its field: %j", async (parts, status, words) => {
    const answer = await send("POST", "/api/mcp-servers", { name: fresh(), node: node.id, run: COMMAND, ...parts });
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toMatch(words);
  });

  it("has a name that no other has, and operators bind no secrets", async () => {
    const { name, id } = await make();
    expect((await send("POST", "/api/mcp-servers", { name, node: node.id, run: COMMAND })).body.error.code).toBe(
      "name_taken",
    );
    const other = await make();
    expect((await send("PATCH", `/api/mcp-servers/${other.id}`, { name })).body.error.code).toBe("name_taken");
    const http = { run: { kind: "http", port: 3000 } };
    expect((await send("PATCH", `/api/mcp-servers/${other.id}`, http)).body.error.message).toMatch(/^run.kind: /);
    const operator = await keyFor("operator");
    const bound = await send("PATCH", `/api/mcp-servers/${id}`, { env: [{ name: "T", secret: "MCP_KEY" }] }, operator);
    expect(bound).toMatchObject({ status: 403, body: { error: { message: expect.stringMatching(/env.0.secret/) } } });
    const viewer = await keyFor("viewer");
    expect((await send("GET", `/api/mcp-servers/${id}`, undefined, viewer)).status).toBe(200);
    for (const verb of ["start", "stop"]) {
      expect((await send("POST", `/api/mcp-servers/${id}/${verb}`, undefined, viewer)).status).toBe(403);
    }
  });

  it("is one of 32 of its node at most, also of many at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        send("POST", "/api/mcp-servers", { name: fresh(), node: node.id, run: COMMAND }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(32);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.error.code))).toEqual(
      new Set(["node_full"]),
    );
  });

  it("is shown as its node says, and as unreachable where the node is away", async () => {
    const server = await make();
    expect(await shown(server.id)).toMatchObject({ state: "idle", sessions: 0, url: `${ORIGIN}/mcp/${server.name}` });
    const reason = { message: "npx is not there", hint: "Install Node.js." };
    const status = { id: server.id, state: "failed", reason, doing: null, sessions: 0, startedAt: null, tools: null };
    fake.answer = ({ path }) => (path === "/mcp" ? { body: { items: [status] } } : undefined);
    expect(await shown(server.id)).toMatchObject({ state: "failed", reason });
    const away = await makeNode();
    expect(await api("POST", "/api/mcp-servers", { name: fresh(), node: away.id, run: COMMAND })).toMatchObject({
      state: "unreachable",
    });
  });
});

describe("the tools of a server", () => {
  it("[MC5] are read when the node says that they changed, and not again for the same list", async () => {
    const server = await seen("read", "write");
    expect(await toolsOf(server.id)).toMatchObject({
      items: [
        { name: "read", status: "new", approvedBy: null, diff: null },
        { name: "write", status: "new" },
      ],
      ...{ serverName: "files", serverVersion: "1", instructions: "Be careful." },
    });
    expect((await shown(server.id)).tools).toEqual({ approved: 0, new: 2, changed: 0, blocked: 0 });
    const row = await db.query.mcpServers.findFirst({ where: (table, { eq }) => eq(table.id, server.id) });
    const before = fake.asked.length;
    fake.agent.send({ type: "agent.mcp_changed", server: server.id, tools: row?.toolsDigest ?? "" });
    await fake.agent.ping();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(fake.asked.length).toBe(before);
  });

  it("[MC6] are pinned by their hashes as they were read", async () => {
    const server = await seen("read", "write");
    const { items } = await toolsOf(server.id);
    await decide(server.id, "approve", [items[0]!]);
    await eventually(async () =>
      expect((await wanted())[0]?.pins).toEqual({ read: await hashOfDefinition(toolOf("read")) }),
    );
    expect(await toolsOf(server.id)).toMatchObject({
      items: [
        { name: "write", status: "new" },
        { name: "read", status: "approved", approvedBy: "preset key" },
      ],
    });
  });

  it("[MC6] wait for a person once one says otherwise, with the difference; the pin stays", async () => {
    const server = await seen("read");
    await approveAll(server.id);
    await fake.show(server.id, [toolOf("read", "reads things\nand sends them away")]);
    const { items } = await eventually(async () => {
      const tools = await toolsOf(server.id);
      expect(tools.items[0]?.status).toBe("changed");
      return tools;
    });
    expect(items[0]?.diff).toContain("+and sends them away");
    expect(items[0]?.diff).not.toContain("-reads things");
    await api("PATCH", `/api/mcp-servers/${server.id}`, { idleMinutes: 1 });
    await eventually(async () => {
      expect((await wanted())[0]?.pins).toEqual({ read: await hashOfDefinition(toolOf("read")) });
    });
    expect((await send("POST", `/api/mcp-servers/${server.id}/call`, { tool: "read" })).body.error.code).toBe(
      "mcp_tool_not_approved",
    );
  });

  it("are approved all or not at all: a definition that changed since it was read is a conflict", async () => {
    const server = await seen("read", "write");
    const { items } = await toolsOf(server.id);
    await fake.show(server.id, [toolOf("read"), toolOf("write", "deletes things")]);
    await eventually(async () =>
      expect((await toolsOf(server.id)).items[1]?.definition.description).toBe("deletes things"),
    );
    expect(await decide(server.id, "approve", items)).toMatchObject({
      status: 409,
      body: { error: { code: "conflict" } },
    });
    expect((await shown(server.id)).tools).toMatchObject({ approved: 0, new: 2 });
  });

  it("are blocked whatever they say, and forgotten", async () => {
    const server = await seen("read");
    await approveAll(server.id);
    const [read] = (await toolsOf(server.id)).items;
    await decide(server.id, "block", [read!]);
    expect((await shown(server.id)).tools).toMatchObject({ approved: 0, blocked: 1 });
    await fake.show(server.id, []);
    await fake.show(server.id, [toolOf("read")]);
    expect((await toolsOf(server.id)).items).toMatchObject([{ status: "blocked" }]);
    await decide(server.id, "forget", [read!]);
    expect((await toolsOf(server.id)).items).toMatchObject([{ status: "new" }]);
  });

  it("that are gone stay known while they are approved", async () => {
    const server = await seen("read", "write");
    const [read] = (await toolsOf(server.id)).items;
    await decide(server.id, "approve", [read!]);
    await fake.show(server.id, []);
    await eventually(async () =>
      expect((await toolsOf(server.id)).items).toMatchObject([{ name: "read", status: "gone" }]),
    );
  });

  it("are nobody's business but operators'", async () => {
    const server = await seen("read");
    const viewer = await keyFor("viewer");
    const { items } = await toolsOf(server.id);
    expect((await decide(server.id, "approve", items, viewer)).status).toBe(403);
    expect((await send("POST", `/api/mcp-servers/${server.id}/call`, { tool: "read" }, viewer)).status).toBe(403);
  });

  it("are called under their pin; one that the node kept back is read anew", async () => {
    const server = await seen("read");
    await approveAll(server.id);
    const call = `/api/mcp-servers/${server.id}/call`;
    const result = { content: [{ type: "text", text: "hello" }] };
    fake.answer = ({ path }) =>
      path === `/mcp/${server.id}/call` ? { body: { outcome: { is: "result", result }, durationMs: 3 } } : undefined;
    expect(await api("POST", call, { tool: "read", arguments: { path: "a" } })).toEqual({ result, durationMs: 3 });
    const asked = fake.asked.find(({ path }) => path.endsWith("/call"));
    const pin = await hashOfDefinition(toolOf("read"));
    expect(JSON.parse(asked?.body ?? "")).toEqual({ tool: "read", arguments: { path: "a" }, pin });
    fake.tools.set(server.id, [toolOf("read", "something else")]);
    const outcome = { is: "changed", message: "it changed" };
    fake.answer = ({ path }) => (path.endsWith("/call") ? { body: { outcome, durationMs: 1 } } : undefined);
    expect((await send("POST", call, { tool: "read" })).body.error.code).toBe("mcp_tool_not_approved");
    expect((await toolsOf(server.id)).items).toMatchObject([{ status: "changed" }]);
  });

  it("are not called where the node's policy denies it", async () => {
    const server = await seen("read");
    await approveAll(server.id);
    const policy = { default: "ask", execCommand: false, rules: [{ tool: `${server.name}/*`, decision: "deny" }] };
    await api("PATCH", `/api/nodes/${node.id}`, { policy });
    const answer = await send("POST", `/api/mcp-servers/${server.id}/call`, { tool: "read" });
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringMatching(/rule 1 of the node's policy/) } },
    });
  });
});

describe("a server's own endpoint", () => {
  const ask = (name: string, init: RequestInit & { key?: string | null } = {}) => {
    const { key = PRESET_KEY, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (key !== null) headers.set("authorization", `Bearer ${key}`);
    return worker.fetch(`${ORIGIN}/mcp/${name}`, { method: "POST", body: "{}", ...rest, headers });
  };

  it("[MC4] [MC7] gets the protocol's headers and the role of the key, and nothing that lets anybody in", async () => {
    const server = await make();
    const key = await keyFor("viewer");
    const headers = {
      ...{ "mcp-session-id": "s1", "mcp-protocol-version": "2025-11-25", accept: "application/json" },
      ...{ cookie: "a=b", "x-other": "1", "roundhouse-role": "admin" },
    };
    fake.answer = () => ({ headers: [MARK, ["mcp-session-id", "s1"], ["set-cookie", "x=y"]], body: { ok: true } });
    const response = await ask(server.name, { key, headers, body: '{"a":1}' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true });
    expect(response.headers.get("mcp-session-id")).toBe("s1");
    expect([...response.headers.keys()].filter((name) => /^roundhouse|cookie/.test(name))).toEqual([]);
    const asked = fake.asked.find(({ path }) => path !== "/mcp");
    expect(asked).toMatchObject({ method: "POST", path: `/mcp/${server.id}`, body: '{"a":1}' });
    const sent = new Map(asked?.headers);
    expect(sent.get("roundhouse-role")).toBe("viewer");
    expect(sent.get("mcp-session-id")).toBe("s1");
    for (const name of ["authorization", "cookie", "x-other"]) expect(sent.has(name), name).toBe(false);
  });

  it("[MC7] tells the audit log which tools were called", async () => {
    const server = await make();
    // Also of a call that nobody answers.
    fake.agent.socket.close();
    const call = (id: number, tool: string) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: tool } });
    const body = JSON.stringify([call(1, "write"), call(2, "read"), call(3, "read")]);
    expect((await ask(server.name, { body })).status).toBe(503);
    await eventually(async () => {
      const { items } = await api<{ items: { action: string; detail: string }[] }>(
        "GET",
        `/api/audit?entityId=${server.id}`,
      );
      // Of one message, and so of one moment: in no order.
      const called = items.filter(({ action }) => action === "call").map(({ detail }) => detail);
      expect(called.toSorted()).toEqual(["tool: read, via: mcp", "tool: write, via: mcp"]);
    });
  });

  it("is closed without a key, to unknown names, other methods, other origins", async () => {
    const server = await make();
    expect((await ask(server.name, { key: null })).status).toBe(401);
    expect((await ask("nobody")).status).toBe(404);
    expect((await ask(`${server.name}/more`)).status).toBe(404);
    expect((await ask(server.name, { method: "PUT" })).status).toBe(405);
    expect((await ask(server.name, { headers: { origin: "http://evil.example" } })).status).toBe(403);
    expect(fake.asked.filter(({ path }) => path !== "/mcp")).toEqual([]);
  });

  it("says that the node is away, or too old", async () => {
    const away = await makeNode();
    const { name } = await api<McpServer>("POST", "/api/mcp-servers", { name: fresh(), node: away.id, run: COMMAND });
    expect((await ask(name)).status).toBe(503);
    const server = await make();
    fake.answer = () => ({ status: 405, headers: [] });
    const old = await ask(server.name);
    expect(old.status).toBe(409);
    expect(await old.json()).toMatchObject({
      error: { message: expect.stringMatching(/does not know MCP servers yet/) },
    });
  });
});
