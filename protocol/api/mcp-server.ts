/** MCP servers of the pool's nodes: how each is run or reached, what its tools are, and which definitions are approved. */
import * as z from "zod";
import { McpReason, McpRun, McpState } from "../mcp.ts";
import { McpToolDefinition } from "../mcp-definition.ts";
import { EnvironmentVariables } from "../variables.ts";
import { ListQuery, Timestamp } from "./common.ts";

const NAME_RULE = "1 to 40 of a-z, 0-9 and dashes, such as filesystem";
export const McpServerName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, NAME_RULE);

const Fields = z.object({
  /** Its tools are called by `<name>/<tool>`; no other server of the pool has it. */
  name: McpServerName,
  run: McpRun,
  env: EnvironmentVariables.default([]),
  /** Minutes without a request after which it is ended. null: it stays. */
  idleMinutes: z.number().min(0.1).max(10_080).nullable().default(15),
  /** The preset that it was made from. */
  preset: z.string().max(60).nullable().default(null),
});

/** How many of its tools stand how. */
export const McpToolCounts = z.object({
  approved: z.int(),
  /** Never approved: nobody can use them. */
  new: z.int(),
  /** Approved once, and defined otherwise since: nobody can use them. */
  changed: z.int(),
  blocked: z.int(),
});

export const McpServer = z
  .object({
    id: z.string(),
    ...Fields.shape,
    node: z.string(),
    nodeName: z.string(),
    /** `unreachable`: its node is not connected. */
    state: z.enum([...McpState.options, "unreachable"]),
    reason: McpReason.nullable(),
    doing: z.string().nullable(),
    sessions: z.int(),
    startedAt: Timestamp.nullable(),
    tools: McpToolCounts,
    /** Its own MCP endpoint, for any client with an API key. */
    url: z.string(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: "McpServer" });
export type McpServer = z.infer<typeof McpServer>;

/** `node`: the id or name of the node that it belongs to, for good. */
export const NewMcpServer = z
  .object({ ...Fields.shape, node: z.string().min(1).max(100) })
  .meta({ id: "NewMcpServer" });
export type NewMcpServer = z.input<typeof NewMcpServer>;
export type McpServerInput = z.output<typeof NewMcpServer>;

const { name, run, env, idleMinutes } = Fields.shape;
/** Each part by itself; what is left out stays as it is. What changes `run` or `env` ends the server. */
export const PatchMcpServer = z
  .object({
    name: name.optional(),
    run: run.optional(),
    env: env.unwrap().optional(),
    idleMinutes: idleMinutes.unwrap().optional(),
  })
  .meta({ id: "PatchMcpServer" });
export type PatchMcpServer = z.infer<typeof PatchMcpServer>;

export const McpServerQuery = z.object({ ...ListQuery.shape, node: z.string().max(100).optional() });
export type McpServerQuery = z.infer<typeof McpServerQuery>;

/** `new`: never approved. `changed`: not as approved. `gone`: approved, and the server has it no more. */
export const McpToolStatus = z.enum(["approved", "new", "changed", "blocked", "gone"]);
export type McpToolStatus = z.infer<typeof McpToolStatus>;

/** A tool as its server describes it. All texts of it are a stranger's. */
export const McpTool = z
  .object({
    name: z.string(),
    status: McpToolStatus,
    /** As it is now; of `gone` as it was approved. */
    definition: McpToolDefinition,
    /** Of that definition: what an approval names. */
    hash: z.string(),
    /** Of `changed`: a unified diff from what was approved to what is now. */
    diff: z.string().nullable(),
    approvedBy: z.string().nullable(),
    approvedAt: Timestamp.nullable(),
    seenAt: Timestamp,
  })
  .meta({ id: "McpTool" });
export type McpTool = z.infer<typeof McpTool>;

export const McpTools = z
  .object({
    items: z.array(McpTool),
    /** What the server says about itself to models; null: nothing, or not seen yet. */
    instructions: z.string().nullable(),
    serverName: z.string().nullable(),
    serverVersion: z.string().nullable(),
  })
  .meta({ id: "McpTools" });
export type McpTools = z.infer<typeof McpTools>;

/** `approve` takes exactly the definitions that were read: one that changed meanwhile is a conflict. `block`: not to be used, whatever it says. `forget`: as if never approved. */
export const DecideMcpTools = z
  .object({
    decision: z.enum(["approve", "block", "forget"]),
    tools: z
      .array(z.object({ name: z.string().max(200), hash: z.string().max(100) }))
      .min(1, "name at least one tool")
      .max(500),
  })
  .meta({ id: "DecideMcpTools" });
export type DecideMcpTools = z.infer<typeof DecideMcpTools>;

export const CallMcpTool = z
  .object({ tool: z.string().min(1).max(200), arguments: z.record(z.string(), z.unknown()).default({}) })
  .meta({ id: "CallMcpTool" });
export type CallMcpTool = z.input<typeof CallMcpTool>;

/** `result`: as MCP's `CallToolResult` has it, `content` and `isError` among it. */
export const McpCallResult = z
  .object({ result: z.record(z.string(), z.unknown()), durationMs: z.int() })
  .meta({ id: "McpCallResult" });
export type McpCallResult = z.infer<typeof McpCallResult>;

/** A field of a preset's form. Its value goes into the arguments as text, but a `secret` (its name) into a variable only. */
export const PresetField = z.object({
  name: z.string(),
  label: z.string(),
  kind: z.enum(["text", "secret", "folder", "choice"]),
  required: z.boolean(),
  default: z.string(),
  /** What to give, and where one gets it. */
  hint: z.string(),
  options: z.array(z.object({ value: z.string(), label: z.string() })),
});
export type PresetField = z.infer<typeof PresetField>;

/** A server that many people run. `ways`: by what it can be run; a template's `{field}` stands for what the form has. */
export const McpPreset = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    homepage: z.url(),
    /** What it needs besides its form, in words. */
    needs: z.string(),
    fields: z.array(PresetField),
    ways: z.array(z.enum(["container", "command"])),
  })
  .meta({ id: "McpPreset" });
export type McpPreset = z.infer<typeof McpPreset>;

/** A form that was filled in. The answer is what `POST /api/mcp-servers` takes, to be looked at first. */
export const FillMcpPreset = z
  .object({
    node: z.string().min(1).max(100),
    name: McpServerName.optional(),
    way: z.enum(["container", "command"]),
    values: z.record(z.string(), z.string().max(4096)),
  })
  .meta({ id: "FillMcpPreset" });
export type FillMcpPreset = z.infer<typeof FillMcpPreset>;
