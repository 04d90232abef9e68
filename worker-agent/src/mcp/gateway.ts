/** The one way to an MCP server: what clients, runs and the control plane ask of it passes here (SPEC MC4–MC7, MC9, MC10). */
import type { McpListing } from "@roundhouse/protocol/mcp";
import type { McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import type { Channel } from "./channel.ts";

/** `channel`: each session opens its own. `http`: a server of Streamable HTTP; `headers` are added to each request. */
export type Target =
  | { kind: "channel"; open: () => Promise<Channel> }
  | { kind: "http"; url: URL; headers: () => Promise<Readonly<Record<string, string>>> };

export type GatewayDeps = {
  id: string;
  target: Target;
  /** Hashes of the definitions that may be used, by tool, as they are now. */
  pins: () => Readonly<Record<string, string>>;
  /** Why a policy denies this tool with these arguments; null: none does. */
  denial: (tool: string, args: Readonly<Record<string, unknown>>) => string | null;
  /** A whole list of tools was seen, whoever asked for it. */
  onTools: (definitions: readonly McpToolDefinition[]) => void;
};

export type CallOutcome =
  /** MCP's `CallToolResult`, whatever it says. */
  | { is: "result"; result: Record<string, unknown> }
  /** The server answered with a JSON-RPC error: it did not take the call. */
  | { is: "error"; message: string }
  /** It was not sent: the tool is gone, or not defined as `pin` says. */
  | { is: "changed"; message: string };

export type Gateway = {
  /** One HTTP request of Streamable HTTP. Throws `McpProblem` where the server cannot be started or reached. */
  fetch: (request: Request) => Promise<Response>;
  /** Throws `McpProblem`. */
  list: (signal: AbortSignal) => Promise<McpListing>;
  /** Throws `McpProblem` before the call was sent; afterwards whatever broke. `beforeSending` is awaited between the two. */
  call: (
    call: { tool: string; arguments: Readonly<Record<string, unknown>>; pin: string },
    options: { signal: AbortSignal; beforeSending?: () => Promise<void> },
  ) => Promise<CallOutcome>;
  /** Sessions, and requests under way of those that have none. */
  sessions: () => number;
  /** Whether a request or a stream is under way at this moment. */
  isBusy: () => boolean;
  close: () => Promise<void>;
};
