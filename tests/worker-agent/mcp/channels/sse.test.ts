/** The HTTP+SSE of 2024-11-05: a real server of the SDK, and servers that are not as they should be (SPEC MC4). */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { openSse } from "../../../../worker-agent/src/mcp/channels/sse.ts";
import { EventSplitter, readEvent } from "../../../../worker-agent/src/mcp/sse.ts";
import { atEnd, makeHouse, wish } from "../house.ts";

async function listen(answer: RequestListener): Promise<number> {
  const http = createServer(answer);
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  atEnd(() => {
    http.closeAllConnections();
    http.close();
  });
  return (http.address() as AddressInfo).port;
}

/** A server as the SDK makes one; `seen` are the tokens that it was shown. */
async function sdkServer(): Promise<{ port: number; seen: Set<string | undefined>; cut: () => void }> {
  const transports = new Map<string, SSEServerTransport>();
  const seen = new Set<string | undefined>();
  let cut = (): void => undefined;
  const port = await listen((request, response) => {
    seen.add(request.headers["x-token"] as string | undefined);
    const url = new URL(request.url ?? "", "http://localhost");
    if (request.method === "POST") {
      void transports.get(url.searchParams.get("sessionId") ?? "")?.handlePostMessage(request, response);
      return;
    }
    const transport = new SSEServerTransport("/messages", response);
    transports.set(transport.sessionId, transport);
    cut = () => response.destroy();
    const server = new McpServer({ name: "old", version: "1" });
    server.registerTool("greet", { inputSchema: { name: z.string() } }, async ({ name }) => ({
      content: [{ type: "text", text: `good day ${name}` }],
    }));
    void server.connect(transport);
  });
  return { port, seen, cut: () => cut() };
}

const runOn = (port: number, headers = {}) =>
  ({ kind: "http", port, path: "/sse", transport: "sse", headers }) as const;

it("[MC1] is spoken to by a server's own way, with the headers that it names, and its end is told", async () => {
  const { port, seen, cut } = await sdkServer();
  const house = await makeHouse();
  house.want(wish({ run: runOn(port, { "X-Token": "TOKEN" }), env: [{ name: "TOKEN", value: "t" }] }));
  expect(await house.told("greet", { name: "Ada" })).toBe("good day Ada");
  expect(await house.told("greet", { name: "Bob" })).toBe("good day Bob");
  expect(seen).toEqual(new Set(["t"]));
  expect(await house.status()).toMatchObject({ state: "ready" });
  cut();
  await house.until("failed");
  expect((await house.status()).reason?.message).toBe("It ended its stream of events.");
  expect(await house.told("greet", { name: "Eve" })).toBe("good day Eve");
});

describe("what is no such server", () => {
  const open = async (answer: RequestListener) => {
    const port = await listen(answer);
    return openSse({ url: new URL(`http://127.0.0.1:${port}/sse`), headers: {}, note: () => undefined });
  };
  const stream = { "content-type": "text/event-stream" };

  it.each<[string, RequestListener, RegExp]>([
    ["another status", (_request, response) => response.writeHead(404).end(), /answered with status 404/],
    ["a redirect", (_request, response) => response.writeHead(307, { location: "/" }).end(), /status 307/],
    ["another kind of answer", (_request, response) => response.end("hello"), /no stream of events/],
    [
      "another origin for messages",
      (_request, response) => response.writeHead(200, stream).write("event: endpoint\ndata: http://127.0.0.1:1/x\n\n"),
      /another origin/,
    ],
    [
      "a message without an end",
      (_request, response) => response.writeHead(200, stream).write(`data: ${"x".repeat(5 * 1024 * 1024)}`),
      /more than 4 MiB/,
    ],
  ])("is refused with words: %s", async (_what, answer, words) => {
    await expect(open(answer)).rejects.toThrow(words);
  });

  it("is nobody at all", async () => {
    const url = new URL("http://127.0.0.1:1/sse");
    await expect(openSse({ url, headers: {}, note: () => undefined })).rejects.toThrow(/Port 1 .* does not answer/);
  });

  it("ends where it does not take a message", async () => {
    const channel = await open((request, response) => {
      if (request.method === "POST") response.writeHead(500).end();
      else response.writeHead(200, stream).write("event: endpoint\ndata: /messages\n\n");
    });
    channel.send({ jsonrpc: "2.0", method: "ping", id: 1 });
    expect(await channel.over).toBe("It answered a message with status 500.");
  });
});

it("events are the same, in whichever pieces they come", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "é", "😀", ":", " ") });
  const event = fc.record({ event: fc.constantFrom("message", "endpoint"), lines: fc.array(line, { minLength: 1 }) });
  const given = fc.tuple(fc.array(event), fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat(7)));
  fc.assert(
    fc.property(given, ([events, end, cuts]) => {
      const text = events.map(
        ({ event, lines }) =>
          `: note${end}event: ${event}${end}${lines.map((one) => `data: ${one}${end}`).join("")}${end}`,
      );
      const bytes = Buffer.from(text.join(""));
      const splitter = new EventSplitter(1_000_000);
      const got: Uint8Array[] = [];
      let from = 0;
      for (const size of cuts) got.push(...splitter.push(bytes.subarray(from, (from += size))));
      got.push(...splitter.push(bytes.subarray(from)));
      expect(got.map(readEvent)).toMatchObject(
        events.map(({ event, lines }) => ({ type: event, data: lines.join("\n") })),
      );
    }),
  );
});
