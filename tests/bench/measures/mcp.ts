/** What a call of an MCP tool costs through the control plane, beside the same call of the same server directly. */
import type { McpTools } from "@roundhouse/protocol/api/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type House, openHouse } from "../../e2e/house.ts";
import { SuiteServer } from "../../e2e/mcp/suite-process.ts";
import { STDIO_SERVER } from "../../e2e/mcp/programs.ts";
import { type McpClient, openFirst } from "../../e2e/mcp-clients.ts";
import { percentile } from "../load/stats.ts";
import type { Trial } from "../measure.ts";

const CALLS = 200;
const WARM_UP = 20;

export const mcp: Trial = {
  name: "mcp",
  isLong: true,
  rows: {
    http: { title: "a call of a server over HTTP through the control plane, p50", unit: "ms" },
    httpDirect: { title: "the same call directly, p50", unit: "ms" },
    stdio: { title: "a call of a command through the control plane, p50", unit: "ms" },
    stdioDirect: { title: "the same call over its standard input and output, p50", unit: "ms" },
  },
  measure: async ({ later }) => {
    const suite = await SuiteServer.open();
    later.defer(() => suite.close());
    const house = await openHouse();
    later.defer(() => house.close());
    const http = await serve(house, "suite", { kind: "http", port: suite.port });
    const stdio = await serve(house, "stdio", { kind: "command", command: process.execPath, args: [STDIO_SERVER] });
    const direct = await openFirst(suite.url, "");
    const pipe = await openPipe();
    later.defer(() => Promise.all([http, stdio, direct, pipe].map((client) => client.close())).then(() => undefined));
    const took = { http: [], httpDirect: [], stdio: [], stdioDirect: [] } as Record<string, number[]>;
    // One after the other in turns: what slows the machine slows them all.
    for (let n = 0; n < WARM_UP + CALLS; n++) {
      const times = {
        http: await timeOf(() => http.call("test_simple_text")),
        httpDirect: await timeOf(() => direct.call("test_simple_text")),
        stdio: await timeOf(() => stdio.call("add", { a: n, b: 1 })),
        stdioDirect: await timeOf(() => pipe.call("add", { a: n, b: 1 })),
      };
      if (n < WARM_UP) continue;
      for (const [row, ms] of Object.entries(times)) took[row]?.push(ms);
    }
    return Object.fromEntries(Object.entries(took).map(([row, times]) => [row, percentile(times, 50)]));
  },
};

async function serve({ api, url, adminKey }: House, name: string, run: object): Promise<McpClient> {
  const [node] = await api.nodes();
  await api.post("/api/mcp-servers", { name, run, node: node?.id });
  const { items } = await api.post<McpTools>(`/api/mcp-servers/${name}/start`);
  const tools = items.map((tool) => ({ name: tool.name, hash: tool.hash }));
  await api.post(`/api/mcp-servers/${name}/tools`, { decision: "approve", tools });
  return openFirst(`${url}/mcp/${name}`, adminKey);
}

async function openPipe(): Promise<Pick<McpClient, "call" | "close">> {
  const client = new Client({ name: "roundhouse-bench", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [STDIO_SERVER], stderr: "ignore" }));
  return {
    call: async (name, args = {}) => {
      await client.callTool({ name, arguments: args });
      return { text: "", structured: {}, isError: false };
    },
    close: () => client.close(),
  };
}

async function timeOf(call: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await call();
  return performance.now() - begin;
}
