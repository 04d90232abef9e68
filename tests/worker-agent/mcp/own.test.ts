import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { digestOfTools, hashOfDefinition } from "../../../protocol/mcp-definition.ts";
import { type Message, McpProblem } from "../../../worker-agent/src/mcp/channel.ts";
import { eventually } from "../link/gateway.ts";
import { gatewayOf, httpServer, manners, polite, scripted, tool } from "./support.ts";

const good = tool("good", "Adds");
const soon = () => AbortSignal.timeout(5000);
const callOf = async (definition = good) => ({
  tool: "good",
  arguments: { a: 1 },
  pin: await hashOfDefinition(definition),
});
const EVENTS = { "content-type": "text/event-stream" };
const JSON_TYPE = { "content-type": "application/json" };

const patient = (tools: () => readonly unknown[] = () => [good]) =>
  scripted((message, say) => {
    const answer = manners(message, tools());
    if (answer) say(answer);
  });

describe("a gateway for runs", () => {
  it.each([
    ["a channel", async () => patient()],
    ["HTTP", async () => polite(() => [good])],
  ])("[MC5] [MC8] lists and calls over %s, in one session", async (_name, serverOf) => {
    const server = await serverOf();
    const { gateway, seen } = await gatewayOf(server.target);
    const tools = [good];
    expect(await gateway.list(soon())).toEqual({
      ...{ tools, digest: await digestOfTools(tools) },
      ...{ serverName: "s", serverVersion: "1", instructions: null },
    });
    const order: string[] = [];
    const beforeSending = async () => void order.push(`before: ${server.calls().length}`);
    const outcome = await gateway.call(await callOf(), { signal: soon(), beforeSending });
    expect(outcome).toEqual({ is: "result", result: { content: [{ type: "text", text: "done" }] } });
    expect(order).toEqual(["before: 0"]);
    expect(server.calls()).toMatchObject([{ params: { name: "good", arguments: { a: 1 } } }]);
    expect(seen).toEqual([tools, tools]);
    expect([gateway.sessions(), gateway.isBusy()]).toEqual([0, false]);
  });

  it("[MC8] does not call what is not defined as its pin says", async () => {
    let tools: readonly unknown[] = [tool("good", "Other")];
    const server = patient(() => tools);
    const { gateway } = await gatewayOf(server.target);
    const beforeSending = async () => expect.fail("it was about to be sent");
    const call = async () => gateway.call(await callOf(), { signal: soon(), beforeSending });
    expect(await call()).toMatchObject({ is: "changed", message: expect.stringMatching(/has changed/) as string });
    tools = [good, good];
    expect(await call()).toMatchObject({ is: "changed" });
    tools = [];
    expect(await call()).toMatchObject({ is: "changed", message: expect.stringMatching(/not among/) as string });
    expect(server.calls()).toEqual([]);
  });

  it("[MC8] tells an error of the server, and what a run cannot answer", async () => {
    let answer: object = { error: { code: -32602, message: "wrong arguments" } };
    const server = scripted((message, say) => {
      const usual = manners(message, [good]);
      if (usual) say(message["method"] === "tools/call" ? { id: message["id"], ...answer } : usual);
    });
    const { gateway } = await gatewayOf(server.target);
    expect(await gateway.call(await callOf(), { signal: soon() })).toEqual({ is: "error", message: "wrong arguments" });
    answer = { result: { resultType: "input_required", inputRequests: {} } };
    expect(await gateway.call(await callOf(), { signal: soon() })).toMatchObject({ is: "error" });
  });

  it("[MC8] throws what broke once a call was sent, and has a new session for the next", async () => {
    let dies = true;
    const server = scripted((message, say) => {
      const usual = manners(message, [good]);
      if (message["method"] === "tools/call" && dies) server.ends.at(-1)?.("it ended by SIGKILL");
      else if (usual) say(usual);
    });
    const { gateway } = await gatewayOf(server.target);
    await expect(gateway.call(await callOf(), { signal: soon() })).rejects.toThrow("it ended by SIGKILL");
    dies = false;
    expect(await gateway.call(await callOf(), { signal: soon() })).toMatchObject({ is: "result" });
    expect(server.ends).toHaveLength(2);
  });

  it("[MC5] opens one session for two who both find the last one over", async () => {
    const server = patient();
    const { gateway } = await gatewayOf(server.target);
    await gateway.list(soon());
    server.ends[0]?.("it ended");
    const both = await Promise.all([gateway.list(soon()), gateway.list(soon())]);
    expect(both.map(({ tools }) => tools)).toEqual([[good], [good]]);
    expect(server.ends).toHaveLength(2);
  });

  it("[MC9] cancels a call whose run gives up, and answers what the server asks", async () => {
    const server = scripted((message, say) => {
      const usual = manners(message, [good]);
      if (message["method"] === "tools/call") {
        say({ id: "p", method: "ping" });
        say({ id: "s", method: "sampling/createMessage", params: {} });
      } else if (usual) say(usual);
    });
    const { gateway } = await gatewayOf(server.target);
    const giveUp = new AbortController();
    const call = gateway.call(await callOf(), { signal: giveUp.signal });
    await eventually(() =>
      expect(server.got.slice(-2)).toMatchObject([
        { id: "p", result: {} },
        { id: "s", error: { code: -32601 } },
      ]),
    );
    giveUp.abort(new Error("the run was cancelled"));
    await expect(call).rejects.toThrow("the run was cancelled");
    const params = { requestId: server.calls()[0]?.["id"] };
    expect(server.got.at(-1)).toMatchObject({ method: "notifications/cancelled", params });
  });

  it("[MC5] says what a server said that cannot be listed", async () => {
    const refusing = scripted(({ id }, say) => say({ id, error: { code: -32000, message: "not today" } }));
    const listing = (await gatewayOf(refusing.target)).gateway.list(soon());
    await expect(listing).rejects.toThrow(/not today/);
    await expect(listing).rejects.toBeInstanceOf(McpProblem);
    const dead = scripted(() => dead.ends[0]?.("it ended with exit code 1"));
    await expect((await gatewayOf(dead.target)).gateway.list(soon())).rejects.toThrow("it ended with exit code 1");
    const silent = scripted(() => undefined);
    const told = await gatewayOf(silent.target);
    await expect(told.gateway.list(AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
  });

  it("[MC5] takes a server without tools for one with none, and at most 500 of one with more", async () => {
    const without = scripted((message, say) => {
      const usual = manners(message, []);
      say(
        message["method"] === "tools/list"
          ? { id: message["id"], error: { code: -32601, message: "none" } }
          : { ...usual },
      );
    });
    expect((await (await gatewayOf(without.target)).gateway.list(soon())).tools).toEqual([]);
    const many = patient(() => Array.from({ length: 501 }, (_, at) => tool(`t${at}`)));
    expect((await (await gatewayOf(many.target)).gateway.list(soon())).tools).toHaveLength(500);
  });
});

describe("a session of the gateway's own over HTTP", () => {
  /** Gives sessions, and forgets them when told to. */
  async function forgetful(onCall?: (body: Message, response: ServerResponse) => void) {
    const known = new Set<string>();
    const server = await httpServer((body, response, request) => {
      const id = String(request.headers["mcp-session-id"]);
      const usual = body && manners(body, [good]);
      if (request.method === "DELETE") return void response.writeHead(known.delete(id) ? 200 : 404).end();
      if (body?.["method"] === "initialize") known.add(`s${known.size + 1}`);
      else if (!known.has(id)) return void response.writeHead(404).end();
      if (onCall && (body?.["method"] === "tools/call" || request.method === "GET"))
        return onCall(body ?? {}, response);
      if (!usual) return void response.writeHead(202).end();
      response.writeHead(200, { ...JSON_TYPE, "mcp-session-id": [...known].at(-1) });
      response.end(JSON.stringify({ jsonrpc: "2.0", ...usual }));
    });
    return { server, known, ...(await gatewayOf(server.target)) };
  }

  it("[MC5] is renewed where the server forgot it, and ended with the gateway", async () => {
    const { gateway, known, server } = await forgetful();
    await gateway.list(soon());
    known.clear();
    known.add("another");
    expect((await gateway.list(soon())).tools).toEqual([good]);
    expect(known).toEqual(new Set(["another", "s2"]));
    await gateway.close();
    expect(known).toEqual(new Set(["another"]));
    const last = server.requests.at(-2);
    expect(last?.headers).toMatchObject({ "mcp-protocol-version": "2025-11-25", "x-secret": "s3cret" });
  });

  it("[MC8] goes on where the stream of a call ended before its response", async () => {
    const events = { "content-type": "text/event-stream" };
    let id: unknown;
    const { gateway, server } = await forgetful((body, response) => {
      id ??= body["id"];
      response.writeHead(200, events);
      if (body["method"]) return void response.end("id: e1\nretry: 10\ndata:\n\n");
      response.end(`id: e2\ndata: ${JSON.stringify({ jsonrpc: "2.0", id, result: { late: true } })}\n\n`);
    });
    expect(await gateway.call(await callOf(), { signal: soon() })).toEqual({ is: "result", result: { late: true } });
    expect(server.requests.at(-1)).toMatchObject({ method: "GET", headers: { "last-event-id": "e1" } });
  });

  it.each([
    ["nothing", undefined],
    ["an error of no request", { jsonrpc: "2.0", id: null, error: { code: -32001, message: "Session not found" } }],
  ])(
    "[MC8] throws where a call was taken and its stream cannot be gone on with, answered by %s",
    async (_what, told) => {
      const { gateway, server } = await forgetful((body, response) => {
        if (body["method"]) return void response.writeHead(200, EVENTS).end("id: e1\nretry: 10\ndata:\n\n");
        response.writeHead(404, JSON_TYPE).end(told && JSON.stringify(told));
      });
      await expect(gateway.call(await callOf(), { signal: soon() })).rejects.toThrow(/answered 404 without a response/);
      expect(server.calls()).toHaveLength(1);
    },
  );

  it("[MC8] tells a call that was refused at once", async () => {
    const { gateway } = await forgetful((_body, response) => void response.writeHead(422).end());
    expect(await gateway.call(await callOf(), { signal: soon() })).toMatchObject({ is: "error" });
  });

  it("[MC8] throws where an answer breaks off, and tells the server of a call that is given up", async () => {
    let breaks = true;
    const { gateway, server } = await forgetful((_body, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
      if (breaks) setTimeout(() => response.destroy(), 10);
    });
    await expect(gateway.call(await callOf(), { signal: soon() })).rejects.toThrow();
    breaks = false;
    const giveUp = new AbortController();
    const call = gateway.call(await callOf(), { signal: giveUp.signal });
    await eventually(() => expect(server.calls()).toHaveLength(2));
    giveUp.abort();
    await expect(call).rejects.toThrow();
    const params = { requestId: server.calls()[1]?.["id"] };
    await eventually(() =>
      expect(server.requests.at(-1)?.body).toMatchObject({ method: "notifications/cancelled", params }),
    );
  });

  it("[MC8] says in headers what a stateless server wants to read there", async () => {
    const schema = { type: "object", properties: { region: { type: "string", "x-mcp-header": "Region" } } };
    const definition = { ...good, name: "größe", inputSchema: schema };
    const server = await httpServer((body, response) => {
      const supported = {
        supportedVersions: ["2026-07-28"],
        _meta: { "io.modelcontextprotocol/serverInfo": { name: "two" } },
      };
      const discovered = body?.["method"] === "server/discover" && { id: body["id"], result: supported };
      const usual = body?.["method"] === "initialize" ? undefined : body && manners(body, [definition]);
      response.writeHead(usual || discovered ? 200 : 400, JSON_TYPE);
      response.end(JSON.stringify(discovered || usual || { error: { code: -32022, message: "too old" } }));
    });
    const { gateway } = await gatewayOf(server.target);
    expect(await gateway.list(soon())).toMatchObject({ serverName: "two", tools: [definition] });
    const call = { tool: "größe", arguments: { region: "eu west" }, pin: await hashOfDefinition(definition) };
    expect(await gateway.call(call, { signal: soon() })).toMatchObject({ is: "result" });
    expect(server.requests.at(-1)?.headers).toMatchObject({
      ...{ "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-param-region": "eu west" },
      "mcp-name": `=?base64?${Buffer.from("größe").toString("base64")}?=`,
    });
  });
});
