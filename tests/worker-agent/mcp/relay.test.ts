import { describe, expect, it } from "vitest";
import { MAX_MCP_MESSAGE_BYTES } from "../../../protocol/mcp.ts";
import { hashOfDefinition } from "../../../protocol/mcp-definition.ts";
import type { Message } from "../../../worker-agent/src/mcp/channel.ts";
import { eventually } from "../link/gateway.ts";
import { gatewayOf, HEADERS, httpServer, manners, messagesOf, polite, post, request, tool } from "./support.ts";

const good = tool("good", "Adds");
const evil = tool("evil", "Takes all");
const EVENTS = { "content-type": "text/event-stream" };
const JSON_TYPE = { "content-type": "application/json" };
const list = (tools: unknown[], id: unknown = 1) => JSON.stringify({ jsonrpc: "2.0", id, result: { tools } });

type Served = Awaited<ReturnType<typeof httpServer>>;

async function served(server: Served) {
  const told = await gatewayOf(server.target);
  told.pins["good"] = await hashOfDefinition(good);
  return { ...told, server };
}

/** Answers all with this body, in pieces. */
const saying = (headers: Record<string, string>, ...pieces: (string | Buffer)[]) =>
  httpServer((_body, response) => {
    response.writeHead(200, headers);
    for (const piece of pieces) response.write(piece);
    response.end();
  });

describe("a server of Streamable HTTP", () => {
  it("[MC4] gets method, path, body and MCP's headers, and nothing of who asks", async () => {
    const { url, server } = await served(await polite(() => [good]));
    const mine = { ...HEADERS, "mcp-session-id": "s1", "mcp-protocol-version": "2025-06-18", "last-event-id": "7" };
    const others = {
      ...{ authorization: "Bearer rhk_1", cookie: "a=b", origin: "https://evil.example", "x-forwarded-for": "1.2.3.4" },
      ...{ "roundhouse-role": "operator", "x-mine": "1", "content-encoding": "identity" },
    };
    const headers = { ...mine, ...others, "content-type": "application/json; charset=utf-7" };
    await post(url, '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":1,"a":2}}', headers);
    expect(server.requests).toHaveLength(1);
    const { method, headers: got, body } = server.requests[0] ?? { headers: {} };
    expect({ method, body }).toEqual({ method: "POST", body: request("tools/list", { a: 2 }) });
    expect(got).toMatchObject({ ...mine, "x-secret": "s3cret", host: server.url.host });
    for (const name of Object.keys(others)) expect(got).not.toHaveProperty(name);
    for (const verb of ["GET", "DELETE"]) await (await fetch(url, { method: verb, headers: mine })).text();
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "GET", "DELETE"]);
    expect((await fetch(url, { method: "PUT", body: "{}" })).status).toBe(405);
  });

  it("[MC4] answers with its own status and headers, but for those that are not its to say", async () => {
    const server = await httpServer((_body, response) =>
      response
        .writeHead(404, {
          "mcp-session-id": "s2",
          "set-cookie": "a=b",
          "roundhouse-mcp-called": "[]",
          link: "<x>",
          "retry-after": "3",
        })
        .end("gone"),
    );
    const { url } = await served(server);
    const response = await post(url, request("ping"));
    expect([response.status, await response.text()]).toEqual([404, "gone"]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "mcp-session-id": "s2",
      "content-type": "text/plain",
    });
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.get("link")).toBeNull();
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("roundhouse-mcp-called")).toBeNull();
  });

  it.each([
    [302, { location: "http://evil.example/mcp" }],
    [307, { location: "http://evil.example/mcp" }],
    [401, { "www-authenticate": 'Bearer resource_metadata="http://evil.example"' }],
    [407, { "proxy-authenticate": "Basic" }],
  ])("[MC4] leads no client past the gateway by status %d", async (status, headers) => {
    const server = await httpServer((_body, response) => void response.writeHead(status, headers).end());
    const { url } = await served(server);
    const asked: [RequestInit, unknown][] = [
      [{ method: "POST", headers: HEADERS, body: JSON.stringify(request("ping", {}, "p")) }, "p"],
      [{ method: "POST", headers: HEADERS, body: JSON.stringify(request("tools/call", { name: "good" }, "c")) }, "c"],
      [{ headers: { accept: "text/event-stream" } }, null],
    ];
    for (const [init, id] of asked) {
      const response = await fetch(url, { ...init, redirect: "manual" });
      expect(await response.json()).toMatchObject({ id, error: { message: expect.stringMatching(`${status}`) } });
      if (!(status < 400 && id === "c")) expect(response.status).toBe(502);
      for (const name of Object.keys(headers)) expect(response.headers.get(name)).toBeNull();
    }
  });

  it("[MC9] has its events passed on byte by byte, at once, but for what is hidden of a list", async () => {
    const before =
      ': hello\r\nretry: 5\r\nid: 1\r\ndata:\r\n\r\nevent: message\rid: 2\rdata: {"jsonrpc":"2.0",\rdata:"method":"m","n":1.0}\r\r';
    let end: () => void = () => undefined;
    const server = await httpServer((_body, response) => {
      response.writeHead(200, EVENTS).write(before);
      end = () => void response.end(`id: 3\ndata: ${list([good, evil])}\n\n`);
    });
    const { url, seen } = await served(server);
    const reader = (await post(url, request("tools/list"))).body?.getReader();
    let got = "";
    const read = async () => new TextDecoder().decode((await reader?.read())?.value);
    while (got.length < before.length) got += await read();
    expect(got).toBe(before);
    end();
    expect(await read()).toBe(`id: 3\ndata: ${list([good])}\n\n`);
    expect(seen).toEqual([[good, evil]]);
  });

  const HIDDEN: [string, Record<string, string>, (string | Buffer)[]][] = [
    ["JSON", JSON_TYPE, [list([evil, good])]],
    ["JSON of known length", { ...JSON_TYPE, "content-length": String(list([evil]).length) }, [list([evil])]],
    ["a batch", JSON_TYPE, [`[${list([evil, good])}]`]],
    ["lines of JSON", JSON_TYPE, ['{"jsonrpc":"2.0","method":"m"}\n', `${list([evil, good])}\n`]],
    ["JSON over lines", JSON_TYPE, [JSON.stringify(JSON.parse(list([evil, good])), null, 2)]],
    [
      "keys that come twice",
      JSON_TYPE,
      [`{"jsonrpc":"2.0","id":1,"result":{"tools":[${JSON.stringify(evil)}]},"result":{}}`],
    ],
    [
      "keys in capitals",
      JSON_TYPE,
      [
        `{"jsonrpc":"2.0","id":1,"Result":{"Tools":[${JSON.stringify(evil)}]},"result":{"TOOLS":[${JSON.stringify(evil)}]}}`,
      ],
    ],
    [
      "what other readers take for JSON",
      JSON_TYPE,
      [`{"jsonrpc":"2.0","id":1,"result":{"n":NaN,"tools":[${JSON.stringify(evil)}]}}`],
    ],
    ["events", EVENTS, [`data: ${list([evil, good])}\n\n`]],
    ["an event after a byte order mark", EVENTS, [`\uFEFFdata: ${list([evil, good])}\n\n`]],
    ["an event without an end", EVENTS, [`data: ${list([evil, good])}`]],
    ["an event of another type", EVENTS, [`event: other\ndata: {"n":NaN,"tools":[${JSON.stringify(evil)}]}\n\n`]],
    ["a comment with an odd end of line", EVENTS, [`: hi\u2028data: ${list([evil])}\n\n`]],
    ["an answer to another request", EVENTS, [`data: ${list([evil], 99)}\n\n`]],
    ["a compressed answer", { ...EVENTS, "content-encoding": "gzip" }, [list([evil])]],
  ];
  it.each(HIDDEN)("[MC6] cannot show a tool that is not approved by %s", async (_what, headers, pieces) => {
    const { url } = await served(await saying(headers, ...pieces));
    const text = await (await post(url, request("tools/list"))).text();
    expect(text).not.toContain("Takes all");
  });

  it("[MC6] is heard as text where it names no type that has messages", async () => {
    const { url } = await served(
      await saying({ "content-type": "x/y; text/event-stream; application/json" }, list([evil])),
    );
    expect((await post(url, request("tools/list"))).headers.get("content-type")).toBe("text/plain");
  });

  it("[MC6] cannot show one on the standing stream", async () => {
    const { url } = await served(await saying(EVENTS, `id: 1\ndata: ${list([evil, good])}\n\n`));
    const response = await fetch(url, { headers: { accept: "text/event-stream" } });
    expect(await response.text()).toBe(`id: 1\ndata: ${list([good])}\n\n`);
  });

  it("[MC7] is answered by viewers where that gives nothing away, and by others whatever it asks", async () => {
    const asked = ["ping", "sampling/createMessage"].map((method, id) => JSON.stringify(request(method, {}, id)));
    const server = await httpServer((body, response) => {
      if (body) return void response.writeHead(202).end();
      response.writeHead(200, EVENTS).end(asked.map((json) => `data: ${json}\n\n`).join(""));
    });
    const { url } = await served(server);
    const mine = { "mcp-session-id": "s1" };
    await (await fetch(url, { headers: { ...mine, accept: "text/event-stream" } })).text();
    const answer = async (id: number, more: Record<string, string>) =>
      (await post(url, { jsonrpc: "2.0", id, result: {} }, more)).status;
    const viewer = { "roundhouse-role": "viewer" };
    expect(await answer(0, { ...mine, ...viewer })).toBe(202);
    expect(await answer(1, { ...mine, ...viewer })).toBe(403);
    expect(await answer(0, { "mcp-session-id": "s2", ...viewer })).toBe(403);
    expect(await answer(1, mine)).toBe(202);
    expect(server.requests.flatMap(({ body }) => body?.["id"] ?? [])).toEqual([0, 1]);
  });

  it("[MC9] [MC10] has what it streams as lines passed on at once", async () => {
    const line = '{"jsonrpc":"2.0","method":"m"}\n';
    const server = await httpServer((_body, response) => void response.writeHead(200, JSON_TYPE).write(line));
    const { url } = await served(server);
    const reader = (await post(url, request("subscriptions/listen"))).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(line);
    await reader?.cancel();
  });

  it.each([
    ["an event", EVENTS, "data: "],
    ["JSON", JSON_TYPE, ""],
  ])(
    "[MC10] gets its request answered with an error where %s is too large, and is left",
    async (_what, headers, start) => {
      let isLeft = false;
      const server = await httpServer((_body, response) => {
        response.on("close", () => (isLeft = true));
        response.writeHead(200, headers).write(`${start}"${"x".repeat(MAX_MCP_MESSAGE_BYTES)}`);
      });
      const { url } = await served(server);
      const messages = await messagesOf(await post(url, request("ping", {}, "p")));
      expect(messages).toMatchObject([{ id: "p", error: { message: "the server sent a message of more than 4 MiB" } }]);
      await eventually(() => expect(isLeft).toBe(true));
    },
  );

  it("[MC6] is asked for its tools in the session and with the context of a call", async () => {
    const { url, server } = await served(await polite(() => [good]));
    const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "x/y": 1 };
    const body = request("tools/call", { name: "good", _meta: { ...meta, progressToken: 5 } });
    const headers = {
      "mcp-session-id": "s1",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "good",
    };
    await messagesOf(await post(url, body, { ...headers, "mcp-param-a": "b" }));
    const [asked, called] = server.requests;
    expect(asked?.body).toMatchObject({ method: "tools/list", params: { _meta: meta } });
    expect(asked).not.toHaveProperty("body.params._meta.progressToken");
    expect(asked?.headers).toMatchObject({
      "mcp-session-id": "s1",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/list",
    });
    expect(asked?.headers).not.toHaveProperty("mcp-name");
    expect(asked?.headers).not.toHaveProperty("mcp-param-a");
    expect(called?.headers).toMatchObject({ ...headers, "mcp-param-a": "b" });
    expect(called?.body).toEqual(body);
  });

  it("[MC6] is not called where it does not tell its tools, and its reason is told", async () => {
    const server = await httpServer((body: Message | undefined, response) => {
      const error = { code: -32022, message: "unknown revision", data: { supported: [] } };
      if (body?.["method"] === "tools/list")
        return void response.writeHead(400, JSON_TYPE).end(JSON.stringify({ jsonrpc: "2.0", id: body["id"], error }));
      response.writeHead(200, JSON_TYPE).end(JSON.stringify({ jsonrpc: "2.0", ...(body && manners(body, [])) }));
    });
    const { url } = await served(server);
    const response = await post(url, request("tools/call", { name: "good" }, 8));
    expect(response.status).toBe(400);
    expect(await messagesOf(response)).toMatchObject([{ id: 8, error: { code: -32022, data: { supported: [] } } }]);
    expect(server.calls()).toEqual([]);
  });

  it("[MC4] is asked no more once its client is gone", async () => {
    let isLeft = false;
    const server = await httpServer((_body, response) => {
      response.on("close", () => (isLeft = true));
      response.writeHead(200, EVENTS).write(": hello\n\n");
    });
    const { url, gateway } = await served(server);
    const giveUp = new AbortController();
    const response = await fetch(url, { headers: { accept: "text/event-stream" }, signal: giveUp.signal });
    expect([response.status, gateway.isBusy(), gateway.sessions()]).toEqual([200, true, 1]);
    giveUp.abort();
    await eventually(() => expect([isLeft, gateway.isBusy(), gateway.sessions()]).toEqual([true, false, 0]));
  });

  it("[MC4] that is not there is a problem in words", async () => {
    const { gateway } = await gatewayOf({
      kind: "http",
      url: new URL("http://127.0.0.1:9/mcp"),
      headers: async () => ({}),
    });
    const body = JSON.stringify(request("ping"));
    await expect(gateway.fetch(new Request("http://x/", { method: "POST", headers: HEADERS, body }))).rejects.toThrow(
      /nothing listens at 127.0.0.1:9/,
    );
    await expect(gateway.list(AbortSignal.timeout(5000))).rejects.toThrow(/nothing listens/);
    expect(gateway.isBusy()).toBe(false);
  });
});
