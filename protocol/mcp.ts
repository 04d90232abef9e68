/** MCP servers of a node: how each is run or reached, and what its agent tells of them (SPEC MC1–MC10). */
import * as z from "zod";
import { ContainerSpec, Mount } from "./container.ts";
import { McpToolDefinition } from "./mcp-definition.ts";
import { PortNumber } from "./ports.ts";
import { EnvironmentVariable } from "./variables.ts";

export { qualifiedTool, splitTool } from "./tool-name.ts";

/** Most servers of one node, so that `control.desired` stays below the message cap, and most tools that one may have. */
export const MAX_MCP_SERVERS_PER_NODE = 32;
export const MAX_MCP_TOOLS = 500;
/** Bytes of JSON that one definition may take, and those of a list that are told. */
export const MAX_MCP_DEFINITION_BYTES = 64 * 1024;
export const MAX_MCP_LIST_BYTES = 2 * 1024 * 1024;
/** Bytes of JSON that how one is run may take, and those of the pins of a node's servers, for the same reason. */
export const MAX_MCP_RUN_BYTES = 4096;
export const MAX_MCP_PINS_BYTES_PER_NODE = 96 * 1024;
/** Largest JSON-RPC message, in bytes, that is looked into; what is larger is refused. */
export const MAX_MCP_MESSAGE_BYTES = 4 * 1024 * 1024;

const ARGUMENT_RULE =
  "text without NUL; {own}, {workspace}, {models}, {outputs} and {datasets} stand for the node's folders";
const Arguments = z
  .array(
    z
      .string()
      .max(4096)
      .regex(/^[^\0]*$/, ARGUMENT_RULE),
  )
  .max(64)
  .default([]);

/** A program that speaks MCP over its standard input and output. Arguments are no place for secrets: those go into `env`. */
export const McpCommand = z.object({
  kind: z.literal("command"),
  command: z
    .string()
    .min(1)
    .max(500)
    .regex(/^[^\0]+$/, "a program, such as npx or uvx")
    .describe("The program, such as npx"),
  args: Arguments,
});

const { image, entrypoint, network, user, writable, cpus, pids, pull, registry } = ContainerSpec.shape;
/** The same in a container, under the rules of CT4 to CT6. `from` may be a folder of its own, or one of the node's. */
export const McpContainer = z.object({
  kind: z.literal("container"),
  image,
  entrypoint,
  args: Arguments,
  mounts: z
    .array(
      z.object({
        from: z
          .string()
          .regex(
            /^(?:models|outputs|datasets|workspace|\.\/(?!\.{1,2}$)[A-Za-z0-9._-]+|\/[^\0]*)$/,
            "./<folder>, workspace, models, outputs, datasets, or an absolute path that the node's owner allowed",
          ),
        to: Mount.shape.to,
        readonly: z.boolean().default(true),
      }),
    )
    .max(16)
    .default([]),
  network,
  user,
  writable,
  memory: z
    .string()
    .max(20)
    .refine((size) => ContainerSpec.shape.memory.safeParse(size).success, "a size such as 2GiB, at least 6MiB")
    .optional(),
  cpus,
  pids,
  pull,
  registry,
});

/** A server that listens on the node already. `streamable`: Streamable HTTP; `sse`: the HTTP+SSE of 2024-11-05. */
export const McpHttp = z.object({
  kind: z.literal("http"),
  port: PortNumber,
  path: z
    .string()
    .max(500)
    .regex(/^\/[^\s#]*$/, "a path such as /mcp")
    .default("/mcp"),
  transport: z.enum(["streamable", "sse"]).default("streamable"),
  /** Headers for it, by name: of each, the variable of `env` that holds its value. */
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, "the name of a header"), z.string().max(128))
    .default({}),
});

export const McpRun = z.discriminatedUnion("kind", [McpCommand, McpContainer, McpHttp]);
export type McpRun = z.infer<typeof McpRun>;

/** A server as its node is told of it. */
export const DesiredMcpServer = z.object({
  id: z.string(),
  /** What its tools are named after in policies: `<name>/<tool>`. */
  name: z.string(),
  run: McpRun,
  env: z.array(EnvironmentVariable).default([]),
  /** Minutes without a request after which it is ended. null: it stays. Nothing of it matters to `http`. */
  idleMinutes: z.number().nullable(),
  /** Hashes of the definitions that may be used, by tool. */
  pins: z.record(z.string(), z.string()),
});
export type DesiredMcpServer = z.infer<typeof DesiredMcpServer>;

/** `idle`: nobody needs it, the next request starts it. An `http` server is `ready` while it last answered. */
export const McpState = z.enum(["idle", "starting", "ready", "failed"]);
export type McpState = z.infer<typeof McpState>;

export const McpReason = z.object({ message: z.string(), hint: z.string().optional() });

/** `GET /mcp` of the agent's services answers these as `{items}`. */
export const McpStatus = z.object({
  id: z.string(),
  state: McpState,
  /** Of `failed`: why. */
  reason: McpReason.nullable(),
  /** Of `starting`: what takes long, such as an image that is being pulled. */
  doing: z.string().nullable(),
  /** Sessions of clients, or requests under way. */
  sessions: z.int(),
  startedAt: z.iso.datetime().nullable(),
  /** Of the tools it was last seen with ({@link digestOfTools}). null: it was not seen yet. */
  tools: z.string().nullable(),
});
export type McpStatus = z.infer<typeof McpStatus>;

/**
 * `GET /mcp/<id>/tools`: what the server says of itself; it is started if need be. With `?seen=1`: what went by last, and of the
 * rest perhaps nothing; 404 where nothing did.
 */
export const McpListing = z.object({
  tools: z.array(McpToolDefinition).max(MAX_MCP_TOOLS),
  digest: z.string(),
  serverName: z.string().nullable(),
  serverVersion: z.string().nullable(),
  instructions: z.string().nullable(),
});
export type McpListing = z.infer<typeof McpListing>;

/** `POST /mcp/<id>/call`: one call, if the tool is still defined as `pin` says. */
export const McpCallRequest = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  pin: z.string(),
});
export type McpCallRequest = z.infer<typeof McpCallRequest>;

/** What became of a call (SPEC MC6). */
export const McpCallOutcome = z.discriminatedUnion("is", [
  /** MCP's `CallToolResult`, whatever it says. */
  z.object({ is: z.literal("result"), result: z.record(z.string(), z.unknown()) }),
  /** The server answered with a JSON-RPC error: it did not take the call. */
  z.object({ is: z.literal("error"), message: z.string() }),
  /** It was not sent: the tool is gone, or not defined as `pin` says. */
  z.object({ is: z.literal("changed"), message: z.string() }),
]);
export type McpCallOutcome = z.infer<typeof McpCallOutcome>;
export const McpCallAnswer = z.object({ outcome: McpCallOutcome, durationMs: z.int().min(0) });

/** Marks answers that came by way of an MCP server's gateway; its value is the server's id. */
export const MCP_HEADER = "roundhouse-mcp";
/** On a request: the role of whoever asks. A viewer may look, and call nothing. */
export const MCP_ROLE_HEADER = "roundhouse-role";
