import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import type { Target } from "../../../worker-agent/src/mcp/gateway.ts";
import { atEnd, eventually } from "../link/gateway.ts";
import { httpV1, httpV2, type Seen, serverV1, stdioV2 } from "./sdk-servers.ts";
import { approve, channels, gatewayOf, type Told } from "./support.ts";

const newSeen = (): Seen => ({ calls: [], aborted: [] });
const httpTarget = (url: URL): Target => ({ kind: "http", url, headers: async () => ({}) });

const SERVERS_V1: [string, (seen: Seen) => Promise<Target>][] = [
  ["a channel", async (seen) => channels((transport) => serverV1(seen).connect(transport)).target],
  ["Streamable HTTP", async (seen) => httpTarget(await httpV1(seen))],
];

async function clientV1(url: URL): Promise<Client> {
  const capabilities = { sampling: {}, elicitation: {} };
  const client = new Client({ name: "test", version: "1" }, { capabilities });
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    ...{ model: "m", role: "assistant" },
    content: { type: "text", text: "sampled" },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { name: "Ada" } }));
  await client.connect(new StreamableHTTPClientTransport(url));
  atEnd(() => client.close());
  return client;
}

async function clientV2({ url }: Told): Promise<Client2> {
  const client = new Client2({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new Transport2(url));
  atEnd(() => client.close());
  return client;
}

describe.each(SERVERS_V1)("a server of the SDK v1 over %s", (_name, serverOf) => {
  async function served() {
    const seen = newSeen();
    const told = await gatewayOf(await serverOf(seen));
    await approve(told, "echo", "steps", "log", "ask", "wait");
    return { seen, told, client: await clientV1(told.url) };
  }

  it("[MC4] [MC6] lists the approved tools to a client of v1, and calls them", async () => {
    const { seen, client } = await served();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["echo", "steps", "log", "ask", "wait"]);
    expect(client.getInstructions()).toBe("Be kind.");
    const answer = await client.callTool({ name: "echo", arguments: { word: "hello" } });
    expect(answer.content).toEqual([{ type: "text", text: "hello" }]);
    await expect(client.callTool({ name: "secret" })).rejects.toThrow(/"secret" of this server is not approved/);
    expect(seen.calls).toEqual(["echo"]);
  });

  it("[MC9] tells progress in its order while the call runs", async () => {
    const { client } = await served();
    const told: number[] = [];
    let isDone = false;
    const onprogress = ({ progress }: { progress: number }) => void (isDone || told.push(progress));
    await client.callTool({ name: "steps" }, undefined, { onprogress });
    isDone = true;
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  it("[MC9] passes log messages on", async () => {
    const { client } = await served();
    const lines: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void lines.push(params.data));
    await client.callTool({ name: "log" });
    await eventually(() => expect(lines).toEqual(["a line"]));
  });

  it("[MC4] lets a tool ask its client for a completion and for input", async () => {
    const { client } = await served();
    const { content } = await client.callTool({ name: "ask" });
    const answer = JSON.parse((content as { text: string }[])[0]?.text ?? "") as unknown;
    expect(answer).toEqual({ sampled: { type: "text", text: "sampled" }, elicited: { name: "Ada" } });
  });

  it("[MC9] cancels a call at the server", async () => {
    const { seen, client } = await served();
    const giveUp = new AbortController();
    const call = client.callTool({ name: "wait" }, undefined, { signal: giveUp.signal });
    await eventually(() => expect(seen.calls).toEqual(["wait"]));
    giveUp.abort("enough");
    await expect(call).rejects.toThrow(/enough/);
    await eventually(() => expect(seen.aborted).toEqual(["wait"]));
  });

  it("[MC4] serves a client of v2, which asks for the newest revision first", async () => {
    const { told } = await served();
    const client = await clientV2(told);
    expect(client.getNegotiatedProtocolVersion()).toBe("2025-11-25");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain("secret");
    const answer = await client.callTool({ name: "echo", arguments: { word: "hello" } });
    expect(answer.content).toEqual([{ type: "text", text: "hello" }]);
  });
});

const SERVERS_V2: [string, (seen: Seen) => Promise<Target>][] = [
  ["a channel", async (seen) => channels((transport) => stdioV2(seen, transport)).target],
  ["stateless HTTP alone", async (seen) => httpTarget(await httpV2(seen, "reject"))],
  ["HTTP of both kinds", async (seen) => httpTarget(await httpV2(seen, "stateless"))],
];

describe.each(SERVERS_V2)("a server of the SDK v2 over %s", (_name, serverOf) => {
  async function served() {
    const seen = newSeen();
    const told = await gatewayOf(await serverOf(seen));
    await approve(told, "echo", "steps", "wait");
    return { seen, told, client: await clientV2(told) };
  }

  it("[MC4] [MC6] speaks the stateless revision with a client of v2", async () => {
    const { seen, told, client } = await served();
    expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["echo", "steps", "wait"]);
    const answer = await client.callTool({ name: "echo", arguments: { word: "hello" } });
    expect(answer.content).toEqual([{ type: "text", text: "hello" }]);
    delete told.pins["echo"];
    await expect(client.callTool({ name: "echo", arguments: { word: "again" } })).rejects.toThrow(/not approved/);
    expect(seen.calls).toEqual(["echo"]);
  });

  it("[MC9] tells progress in its order", async () => {
    const { client } = await served();
    const told: number[] = [];
    await client.callTool({ name: "steps" }, { onprogress: ({ progress }) => void told.push(progress) });
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  it("[MC9] cancels a call at the server when its stream ends", async () => {
    const { seen, client } = await served();
    const giveUp = new AbortController();
    const call = client.callTool({ name: "wait" }, { signal: giveUp.signal });
    await eventually(() => expect(seen.calls).toEqual(["wait"]));
    giveUp.abort("enough");
    await expect(call).rejects.toThrow(/enough/);
    await eventually(() => expect(seen.aborted).toEqual(["wait"]));
  });

  it("[MC5] [MC8] lists and calls for runs", async () => {
    const { told, seen } = await served();
    const listing = await told.gateway.list(AbortSignal.timeout(5000));
    expect(listing).toMatchObject({ serverName: "two", serverVersion: "2.0.0", instructions: "Be brief." });
    const call = { tool: "echo", arguments: { word: "run" }, pin: told.pins["echo"] ?? "" };
    const outcome = await told.gateway.call(call, { signal: AbortSignal.timeout(5000) });
    expect(outcome).toMatchObject({ is: "result", result: { content: [{ type: "text", text: "run" }] } });
    expect(seen.calls).toEqual(["echo"]);
  });
});
