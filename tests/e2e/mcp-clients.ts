/** MCP clients of both generations as a program uses them, seen alike. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as FirstTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export type Called = { text: string; structured: Record<string, unknown>; isError: boolean };
export type McpClient = {
  version: string | undefined;
  tools(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>, told?: (message: string) => void): Promise<Called>;
  close(): Promise<void>;
};
export type OpenClient = (url: string, key: string) => Promise<McpClient>;

const INFO = { name: "roundhouse-tests", version: "1" };
const LIMIT = { timeout: 60_000, resetTimeoutOnProgress: true };
type Result = { content?: unknown; structuredContent?: unknown; isError?: unknown; [more: string]: unknown };

/** Once tools were listed, the clients check each answer against its tool's schema by themselves. */
function seen({ content, structuredContent, isError }: Result): Called {
  const [first] = content as { text: string }[];
  return {
    text: first?.text ?? "",
    structured: (structuredContent ?? {}) as Called["structured"],
    isError: isError === true,
  };
}

function headersWith(key: string): { requestInit: RequestInit } {
  return { requestInit: { headers: { Authorization: `Bearer ${key}` } } };
}

/** The newest version of the protocol. */
export const openNewest: OpenClient = async (url, key) => {
  const client = new Client(INFO, { versionNegotiation: { mode: "auto" } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), headersWith(key)));
  return {
    version: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, told) => {
      const onprogress = told && { onprogress: ({ message }: { message?: string }) => told(message ?? "") };
      return seen(await client.callTool({ name, arguments: args }, { ...LIMIT, ...onprogress }));
    },
    close: () => client.close(),
  };
};

/** The handshake of 2025. */
export const openFirst: OpenClient = async (url, key) => {
  const client = new FirstClient(INFO);
  const transport = new FirstTransport(new URL(url), headersWith(key));
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, told) => {
      const onprogress = told && { onprogress: ({ message }: { message?: string | undefined }) => told(message ?? "") };
      return seen(await client.callTool({ name, arguments: args }, undefined, { ...LIMIT, ...onprogress }));
    },
    close: () => client.close(),
  };
};
