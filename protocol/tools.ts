/** The native tools: what a run may call on a node, with the arguments that each takes. Names never change their meaning. */
import * as z from "zod";

const Path = z
  .string()
  .min(1)
  .max(4096)
  .describe(
    "A path below one of the node's roots: instances/<name>/…, outputs/<name>/…, models/…, datasets/…, or workspace/… " +
      "(a folder for notes and scripts of jobs). Never absolute, no ..",
  );
const InstanceRef = z.string().min(1).max(100).describe("The instance's name or id");

/** `read` changes nothing and may be done again; `effect` is done once, under an id; `wish` changes what the pool wants. */
export type ToolNature = "read" | "effect" | "wish";

type Tool = { description: string; nature: ToolNature; input: z.ZodObject };

export const NATIVE_TOOLS = {
  read_file: {
    description: "Reads a text file, from a byte offset on. Long files come in parts: go on from the offset it names.",
    nature: "read",
    input: z.object({
      path: Path,
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(64_000).default(16_000).describe("Bytes to read"),
    }),
  },
  write_file: {
    description:
      "Writes a text file. `replace` makes it or replaces it whole, `append` adds to its end, `create` fails if it is there.",
    nature: "effect",
    input: z.object({
      path: Path,
      content: z.string().max(512_000),
      mode: z.enum(["replace", "append", "create"]).default("replace"),
    }),
  },
  list_files: {
    description: "Lists a folder: names, sizes in bytes, times. An empty path lists the roots.",
    nature: "read",
    input: z.object({ path: z.string().max(4096).default(""), limit: z.int().min(1).max(500).default(200) }),
  },
  search_files: {
    description: "Finds files below a folder by name (a pattern with *), and lines in them that contain a text.",
    nature: "read",
    input: z.object({
      path: Path,
      name: z.string().max(200).default("*"),
      text: z.string().max(500).optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
  },
  exec_command: {
    description:
      "Runs a program on the node and waits for its end. No shell: `command` is the program, each argument stands by itself " +
      '(for a shell: command "bash", args ["-c", "…"]). Answers its output and exit code. What it leaves running ends with it.',
    nature: "effect",
    input: z.object({
      command: z.string().min(1).max(4096),
      args: z.array(z.string().max(32_000)).max(200).default([]),
      timeoutSeconds: z.int().min(1).max(3600).default(120),
      cwd: Path.optional().describe("A folder below one of the roots; without it, the workspace"),
    }),
  },
  read_output: {
    description: "Goes on reading the output of an earlier call that was too long, from the offset it named.",
    nature: "read",
    input: z.object({ call: z.string().max(100).describe("The id of that call"), offset: z.int().min(0) }),
  },
  system_stats: {
    description: "Processor, memory, disks and GPUs of the node at this moment, with loads and free sizes.",
    nature: "read",
    input: z.object({}),
  },
  http_request: {
    description: "Sends an HTTP request to a port of an instance on the node (its main port unless one is named).",
    nature: "effect",
    input: z.object({
      instance: InstanceRef,
      port: z
        .union([z.string().max(16), z.int().min(1).max(65_535)])
        .optional()
        .describe("A port's name or number"),
      method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
      path: z.string().min(1).max(8192).startsWith("/"),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.string().max(512_000).optional(),
      timeoutSeconds: z.int().min(1).max(600).default(60),
    }),
  },
  list_instances: {
    description: "Lists the instances of the node: name, blueprint, status, port, URL.",
    nature: "read",
    input: z.object({}),
  },
  instance_logs: {
    description: "The last lines of an instance's log.",
    nature: "read",
    input: z.object({ instance: InstanceRef, bytes: z.int().min(1).max(64_000).default(8_000) }),
  },
  start_instance: { description: "Starts an instance.", nature: "wish", input: z.object({ instance: InstanceRef }) },
  stop_instance: { description: "Stops an instance.", nature: "wish", input: z.object({ instance: InstanceRef }) },
  restart_instance: {
    description: "Stops an instance and starts it again.",
    nature: "wish",
    input: z.object({ instance: InstanceRef }),
  },
  update_instance: {
    description: "Takes the newest script of an instance's blueprint, and starts it with that.",
    nature: "wish",
    input: z.object({ instance: InstanceRef }),
  },
} as const satisfies Record<string, Tool>;

export type NativeToolName = keyof typeof NATIVE_TOOLS;
export const NATIVE_TOOL_NAMES = Object.keys(NATIVE_TOOLS) as NativeToolName[];

/** Those the control plane does itself; all others are the node's. */
const POOL_TOOLS: ReadonlySet<string> = new Set<NativeToolName>([
  "list_instances",
  "instance_logs",
  "start_instance",
  "stop_instance",
  "restart_instance",
  "update_instance",
]);

export function isNativeTool(name: string): name is NativeToolName {
  return Object.hasOwn(NATIVE_TOOLS, name);
}

export function isPoolTool(name: NativeToolName): boolean {
  return POOL_TOOLS.has(name);
}

/** What a call does, by its arguments with defaults filled in: a request that only reads is none with an effect. */
export function natureOf(name: NativeToolName, args: Readonly<Record<string, unknown>>): ToolNature {
  if (name === "http_request" && (args["method"] === "GET" || args["method"] === "HEAD")) return "read";
  return NATIVE_TOOLS[name].nature;
}
