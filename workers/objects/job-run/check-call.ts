/** Whether a call that a model asked for can be made at all; if not, words that help it to ask better. Pure. */
import { nearestWord } from "@roundhouse/protocol/nearest-word";
import { readArguments } from "@roundhouse/protocol/tool-arguments";
import type { Arguments, Ground, GroundTool, NodeName, SaidCall } from "./rows.ts";
import { toolsOf } from "./toolbox.ts";

export type CheckedCall =
  | {
      ok: true;
      tool: string;
      node: NodeName;
      arguments: Arguments;
      mcp: { server: string; tool: string; pin: string } | null;
    }
  | { ok: false; message: string };

const MAX_QUOTED = 200;

export function checkCall(said: SaidCall, tools: readonly string[], { nodes, mcp = [] }: Ground): CheckedCall {
  const known = toolsOf(tools);
  const tool = known.find((name) => name === said.name);
  const served = mcp.find(({ name }) => name === said.name);
  if (!tool && !served) return refuse(unknownTool(said.name, [...known, ...mcp.map(({ name }) => name)]));
  if (typeof said.arguments === "string") {
    return refuse(`The arguments of ${said.name} are not a JSON object: ${quoted(said.arguments)}. Send one object.`);
  }
  if (served) return checkServed(served, said.arguments, nodes);
  if (!tool) return refuse(unknownTool(said.name, known));
  const { node: wanted, ...rest } = said.arguments;
  const node = nodes.length === 1 && wanted === undefined ? nodes[0] : nodes.find(({ name }) => name === wanted);
  if (!node) return refuse(unknownNode(tool, wanted, nodes));
  const read = readArguments(tool, rest);
  return read.ok ? { ok: true, tool, node, arguments: read.arguments, mcp: null } : read;
}

/** Its server checks the arguments; where the call goes is no choice of the model's. */
function checkServed(
  { qualified, server, tool, pin, nodeId }: GroundTool,
  args: Arguments,
  nodes: readonly NodeName[],
): CheckedCall {
  const node = nodes.find(({ id }) => id === nodeId);
  if (!node) return refuse(`The node of ${qualified} is none of this job's.`);
  return { ok: true, tool: qualified, node, arguments: args, mcp: { server, tool, pin } };
}

function refuse(message: string): CheckedCall {
  return { ok: false, message };
}

function unknownTool(name: string, known: readonly string[]): string {
  const nearest = nearestWord(name, known);
  const guess = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  const list = known.length === 0 ? "This job has no tools." : `The tools of this job are ${known.join(", ")}.`;
  return `There is no tool ${quoted(name)} here.${guess} ${list}`;
}

function unknownNode(tool: string, wanted: unknown, nodes: readonly NodeName[]): string {
  const names = nodes.map(({ name }) => JSON.stringify(name)).join(", ");
  return `node: ${quoted(wanted ?? null)} is no node of this job. Give ${tool} one of ${names}.`;
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}…`;
}
