/** Whether a call is run at all: a tool of the node, good arguments, and what policy and ceiling say (SPEC TC2–TC4). */
import { judge, type Policy } from "@roundhouse/protocol/policy";
import { readArguments, unknownTool } from "@roundhouse/protocol/tool-arguments";
import type { CallRefusal, ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { isNativeTool, isPoolTool, type NativeToolName } from "@roundhouse/protocol/tools";
import type { Places } from "./places.ts";

export type AdmissionDeps = {
  places: Places;
  /** As the control plane said last; null: it said nothing. */
  policy(): Policy | null;
  /** What the node was joined with; null: none. */
  ceiling: Policy | null;
};

export type Admission =
  | { ok: true; tool: NativeToolName; arguments: Record<string, unknown> }
  | { ok: false; code: CallRefusal; message: string };

export function admit(deps: AdmissionDeps, request: ToolCallRequest, digest: string): Admission {
  const { tool, approval } = request;
  if (!isNativeTool(tool) || isPoolTool(tool)) return refused("unknown_tool", unknownTool(tool));
  const read = readArguments(tool, request.arguments);
  if (!read.ok) return refused("bad_arguments", read.message);
  const policy = deps.policy();
  if (!policy) return refused("denied", "The control plane told this node no policy: then no tool is run.");
  const call = { tool, arguments: canonical(deps.places, read.arguments) };
  const { decision, because } = judge(policy, deps.ceiling, call);
  if (decision === "deny") return refused("denied", `This node does not allow the call: ${because}.`);
  if (decision === "ask" && approval?.digest !== digest) {
    const other = approval ? " The approval that came with it is for another call." : "";
    return refused("needs_approval", `A person has to approve this call: ${because}.${other}`);
  }
  return { ok: true, tool, arguments: read.arguments };
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

function refused(code: CallRefusal, message: string): Admission {
  return { ok: false, code, message };
}
