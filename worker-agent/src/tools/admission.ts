/** Whether a call is run at all: a tool of the node, good arguments, and what policy and ceiling say (SPEC TC2–TC4). */
import { judge, type Policy, type PolicyCall } from "@roundhouse/protocol/policy";
import { readArguments, unknownTool } from "@roundhouse/protocol/tool-arguments";
import { qualifiedTool } from "@roundhouse/protocol/mcp";
import type { CallRefusal, ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { isNativeTool, isPoolTool, type NativeToolName } from "@roundhouse/protocol/tools";
import type { Server } from "../mcp/server.ts";
import type { Places } from "./places.ts";

/** An MCP server as calls see it. */
export type KnownServer = Pick<Server, "use" | "redact"> & { wish: Pick<Server["wish"], "name" | "pins"> };

export type AdmissionDeps = {
  places: Places;
  /** As the control plane said last; null: it said nothing. */
  policy(): Policy | null;
  /** What the node was joined with; null: none. */
  ceiling: Policy | null;
  mcpServer(id: string): KnownServer | undefined;
};

type Refused = { ok: false; code: CallRefusal; message: string };
export type Admission = { ok: true; tool: NativeToolName; arguments: Record<string, unknown> } | Refused;
export type McpAdmission =
  | { ok: true; server: KnownServer; call: { tool: string; arguments: Record<string, unknown>; pin: string } }
  | Refused;

export function admit(deps: AdmissionDeps, request: ToolCallRequest, digest: string): Admission {
  const { tool } = request;
  if (!isNativeTool(tool) || isPoolTool(tool)) return refused("unknown_tool", unknownTool(tool));
  const read = readArguments(tool, request.arguments);
  if (!read.ok) return refused("bad_arguments", read.message);
  const call = { tool, arguments: canonical(deps.places, read.arguments) };
  return judged(deps, call, request, digest) ?? { ok: true, tool, arguments: read.arguments };
}

/** A tool of an MCP server, which knows by itself what arguments are good. */
export function admitMcp(
  deps: AdmissionDeps,
  request: ToolCallRequest & Required<Pick<ToolCallRequest, "mcp">>,
  digest: string,
): McpAdmission {
  const { tool, mcp, arguments: args } = request;
  const server = deps.mcpServer(mcp.server);
  if (!server || qualifiedTool(server.wish.name, mcp.tool) !== tool) {
    return refused("unknown_tool", `This node has no MCP server with a tool ${JSON.stringify(tool)}.`);
  }
  // What somebody blocked since is blocked for the run that is under way, too.
  const { pins } = server.wish;
  if (!Object.hasOwn(pins, mcp.tool) || pins[mcp.tool] !== mcp.pin) {
    return refused("definition_changed", `${tool} is not approved as this call takes it to be.`);
  }
  const call = { tool: mcp.tool, arguments: args, pin: mcp.pin };
  return judged(deps, { tool, arguments: args }, request, digest) ?? { ok: true, server, call };
}

/** What policy and ceiling say; undefined where they let it pass. */
function judged(
  { policy: read, ceiling }: Pick<AdmissionDeps, "policy" | "ceiling">,
  call: PolicyCall,
  { approval }: ToolCallRequest,
  digest: string,
): Refused | undefined {
  const policy = read();
  if (!policy) return refused("denied", "The control plane told this node no policy: then no tool is run.");
  const { decision, because } = judge(policy, ceiling, call);
  if (decision === "deny") return refused("denied", `This node does not allow the call: ${because}.`);
  if (decision !== "ask" || approval?.digest === digest) return undefined;
  const other = approval ? " The approval that came with it is for another call." : "";
  return refused("needs_approval", `A person has to approve this call: ${because}.${other}`);
}

/** Rules see paths and instances by one spelling, whichever the call has. */
function canonical(places: Places, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all = { ...args };
  for (const name of ["path", "cwd"]) {
    // The path of a request is the app's own.
    if (typeof all[name] === "string" && all["instance"] === undefined) all[name] = places.canonical(all[name]);
  }
  if (typeof all["instance"] === "string") all["instance"] = places.instanceName(all["instance"]);
  return all;
}

function refused(code: CallRefusal, message: string): Refused {
  return { ok: false, code, message };
}
