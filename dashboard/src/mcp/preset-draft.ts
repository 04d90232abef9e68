/** A preset's form: its values, where it can run, and what is sent to have it filled in. Pure. */
import type { FillMcpPreset, McpPreset, PresetField } from "@roundhouse/protocol/api/mcp-server";
import type { Node } from "@roundhouse/protocol/api/node";
import { suggestName } from "../catalogue/suggest-name.ts";

export type Way = FillMcpPreset["way"];
export type PresetDraft = { name: string; node: string; way: Way | null; values: Readonly<Record<string, string>> };

/** Folders of a node that have a word of their own; anything else is an absolute path. */
export const FOLDERS = [
  { value: "own", label: "a folder of its own" },
  { value: "workspace", label: "the workspace of the node" },
  { value: "models", label: "the models of the node" },
  { value: "outputs", label: "the outputs of the node" },
  { value: "datasets", label: "the datasets of the node" },
] as const;

export function beginPreset(preset: McpPreset, nodes: readonly Node[], taken: readonly string[]): PresetDraft {
  const online = nodes.find(({ status }) => status === "online") ?? nodes[0];
  const values = Object.fromEntries(preset.fields.map((field) => [field.name, beginningOf(field)]));
  return { name: suggestName(preset.id, taken), node: online?.id ?? "", way: null, values };
}

function beginningOf({ kind, default: beginning, options }: PresetField): string {
  return kind === "choice" && beginning === "" ? (options[0]?.value ?? "") : beginning;
}

/** Why it cannot be run so on that node; undefined when it can. */
export function whyNotSo(way: Way, preset: McpPreset, node: Node | undefined): string | undefined {
  if (!preset.ways.includes(way))
    return way === "container" ? "There is no image of it." : "It comes as an image only.";
  if (way === "command" || node === undefined) return undefined;
  if (node.capabilities.docker) return undefined;
  const docker = node.facts?.docker;
  return `${node.name} has no Docker${docker?.available === false ? `: ${docker.reason}` : "."}`;
}

/** What is taken while nobody chose: a container where one can be, which is walled off. */
export function takenWay({ way }: PresetDraft, preset: McpPreset, node: Node | undefined): Way | undefined {
  const ways = (["container", "command"] as const).filter((one) => whyNotSo(one, preset, node) === undefined);
  return ways.find((one) => one === way) ?? ways[0];
}

/** Values that were left empty are not sent: then the preset's own hold. */
export function fillBody({ name, node, values }: PresetDraft, way: Way): FillMcpPreset {
  const given = Object.entries(values).filter(([, value]) => value.trim() !== "");
  return { node, way, values: Object.fromEntries(given), ...(name.trim() !== "" && { name: name.trim() }) };
}
