import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { localKey } from "../../../workers/people/derived-keys.ts";
import { VERSION } from "../../../workers/services/version.ts";
import { type Harness, joinNode, makeHarness, makeKey, ORIGIN, PRESET_KEY, signInOwner } from "../api/harness.ts";
import { ask, callTool, fetchWorker, MCP_URL, messagesOf, post } from "./client.ts";

const PING = { jsonrpc: "2.0", id: 1, method: "ping", params: {} };
let h: Harness;
beforeAll(async () => {
  h = await makeHarness();
  // Refused requests are told in the log.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterAll(() => void vi.restoreAllMocks());

function clientOf(as: string): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(MCP_URL), {
    requestInit: { headers: { authorization: `Bearer ${as}` } },
    fetch: (url, init) => fetchWorker(h, new Request(url, init)),
  });
}

describe("who comes in", () => {
  it("is asked for a bearer, whatever the method", async () => {
    for (const method of ["POST", "GET", "DELETE", "OPTIONS", "PUT"]) {
      const response = await post(h, method === "GET" ? undefined : PING, { as: null, method });
      expect([method, response.status]).toEqual([method, 401]);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await response.json()).toMatchObject({
        error: { code: "unauthenticated", hint: expect.stringContaining("Bearer") },
      });
    }
  });

  it("is nobody with a key that is wrong, revoked or expired", async () => {
    const { id, key } = await makeKey(h, "admin");
    expect((await post(h, PING, { as: key })).status).toBe(200);
    await h.send("DELETE", `/api/keys/${id}`, { as: PRESET_KEY });
    const ended = await makeKey(h, "viewer", { expiresInSeconds: 60 });
    await h.env.DB.prepare("UPDATE api_keys SET expires_at = 1 WHERE id = ?").bind(ended.id).run();
    for (const as of [key, ended.key, "rhk_nothing", "x", ""]) {
      const response = await post(h, PING, { as });
      expect([as, response.status, response.headers.get("www-authenticate")]).toEqual([as, 401, "Bearer"]);
    }
  });

  it("is no machine: keys of nodes, join tokens and the start script's key are refused", async () => {
    const token = await h.send("POST", "/api/join-tokens", { as: PRESET_KEY, body: {} });
    for (const as of [(await joinNode(h)).key, token.body.token, await localKey(h.env)]) {
      const response = await post(h, PING, { as });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: "forbidden" } });
    }
  });

  it("never comes in by a session's cookie, not even with its proof", async () => {
    const { headers } = await signInOwner(h);
    expect((await h.send("GET", "/api/nodes", { headers })).status).toBe(200);
    expect((await post(h, PING, { as: null, headers })).status).toBe(401);
    const basic = { ...headers, authorization: "Basic YTpi" };
    expect((await post(h, PING, { as: null, headers: basic })).status).toBe(401);
  });

  it("leaves on a key the time of its use", async () => {
    const { id, key } = await makeKey(h, "viewer");
    await post(h, PING, { as: key });
    const row = await h.env.DB.prepare("SELECT last_used_at FROM api_keys WHERE id = ?").bind(id).first();
    expect(row?.["last_used_at"]).toBeGreaterThan(0);
  });
});

describe("hosts and origins", () => {
  const foreign = ["https://evil.example", "null", "http://evil.apps.localhost:8787", "http://localhost:9999"];

  it("a page of another origin is refused with 403 before its key is looked at", async () => {
    for (const origin of foreign) {
      for (const as of [PRESET_KEY, "wrong"]) {
        const response = await post(h, PING, { as, headers: { origin } });
        expect([origin, response.status]).toEqual([origin, 403]);
        expect(await response.json()).toMatchObject({ error: { code: "bad_origin" } });
        expect(response.headers.has("access-control-allow-origin")).toBe(false);
      }
    }
  });

  it("our own page and programs, which send no Origin, come in with a key", async () => {
    const none: Record<string, string> = {};
    for (const headers of [none, { origin: ORIGIN }]) expect((await post(h, PING, { headers })).status).toBe(200);
  });

  it("a host that is not the dashboard's has no MCP server, so a name that was bound anew reaches none", async () => {
    for (const host of ["evil.example", "evil.example:8787", "localhost.evil.example:8787"]) {
      expect([host, (await post(h, PING, { url: `http://${host}/mcp` })).status]).toEqual([host, 421]);
    }
    const app = await post(h, PING, { url: "http://some-app.apps.localhost:8787/mcp" });
    expect([app.status, await app.text()]).toEqual([421, expect.not.stringContaining("jsonrpc")]);
  });
});

describe("the transport", () => {
  it("shakes hands with clients of 2025, each in its own version", async () => {
    for (const version of ["2025-03-26", "2025-06-18", "2025-11-25"]) {
      const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: "by hand", version: "1" } };
      const { result } = await ask(h, "initialize", params);
      expect(result).toMatchObject({
        protocolVersion: version,
        serverInfo: { name: "roundhouse", title: "Roundhouse", version: VERSION },
        capabilities: { tools: { listChanged: false } },
        instructions: expect.stringContaining("pool of machines"),
      });
      const noted = { jsonrpc: "2.0", method: "notifications/initialized" };
      const accepted = await post(h, noted, { headers: { "mcp-protocol-version": version } });
      expect([accepted.status, await accepted.text()]).toEqual([202, ""]);
      expect(accepted.headers.has("mcp-session-id")).toBe(false);
    }
  });

  it("serves the newest client by the newest version, and by the handshake", async () => {
    for (const mode of ["auto", "legacy"] as const) {
      const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
      await client.connect(clientOf(PRESET_KEY));
      expect(client.getServerVersion()).toMatchObject({ name: "roundhouse" });
      expect(client.getNegotiatedProtocolVersion()).toBe(mode === "auto" ? "2026-07-28" : "2025-11-25");
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain("list_nodes");
      const { structuredContent } = await client.callTool({ name: "list_nodes", arguments: {} });
      expect(structuredContent).toMatchObject({ items: expect.any(Array) });
      await client.close();
    }
  });

  it("refuses what is no MCP request in the words of HTTP", async () => {
    const answers = {
      get: await post(h, undefined, { method: "GET" }),
      delete: await post(h, undefined, { method: "DELETE" }),
      form: await post(h, "a=b", { headers: { "content-type": "application/x-www-form-urlencoded" } }),
      plain: await post(h, JSON.stringify(PING), { headers: { "content-type": "text/plain" } }),
      json: await post(h, "{"),
      large: await post(h, { ...PING, params: { padding: "x".repeat(1024 * 1024) } }),
      accept: await post(h, PING, { headers: { accept: "application/json" } }),
    };
    expect(Object.entries(answers).map(([name, { status }]) => [name, status])).toEqual([
      ["get", 405],
      ["delete", 405],
      ["form", 415],
      ["plain", 415],
      ["json", 400],
      ["large", 413],
      ["accept", 406],
    ]);
    expect(answers.get.headers.get("allow")).toBe("POST");
  });

  it("keeps its answers out of caches", async () => {
    const response = await post(h, PING);
    expect(response.headers.get("cache-control")).toMatch(/no-(store|cache)/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("accepts who listens for changes, and ends the stream after half a minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "by hand", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const params = { notifications: { toolsListChanged: true }, _meta: meta };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen" };
    const answer = post(h, { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params }, { headers });
    // The answer is read to its end by then: without the limit it would never come.
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { timeout: 5000 });
    await vi.advanceTimersByTimeAsync(30_000);
    const [accepted] = await messagesOf(await answer);
    expect(accepted?.method).toBe("notifications/subscriptions/acknowledged");
    vi.useRealTimers();
  });

  it("answers an unknown method and an unknown tool as errors of the protocol", async () => {
    expect((await ask(h, "resources/list", {})).error).toMatchObject({ code: -32_601 });
    const unknown = await post(h, {
      jsonrpc: "2.0",
      id: 7,
      method: "tools/call",
      params: { name: "rm", arguments: {} },
    });
    expect(await messagesOf(unknown)).toMatchObject([
      { id: 7, error: { code: -32_602, message: expect.stringContaining('There is no tool "rm"') } },
    ]);
    await expect(callTool(h, "toString")).rejects.toThrow("There is no tool");
  });
});
