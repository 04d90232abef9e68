/** What a preset is: its form, and what a filled-in one makes of it. */
import type { McpPreset, NewMcpServer, PresetField } from "@roundhouse/protocol/api/mcp-server";

/** The filled-in form; every field is there. */
export type Values = Readonly<Record<string, string>>;
export type Way = McpPreset["ways"][number];
type Made = Pick<NewMcpServer, "run" | "env">;

/** Throws nothing: values were checked against the fields before. */
export type Preset = McpPreset & { make: Readonly<Record<Way, (values: Values) => Made>> };

export function definePreset(preset: Omit<Preset, "ways">): Preset {
  return { ...preset, ways: ["container", "command"] };
}

type Draft = Pick<PresetField, "name" | "label" | "hint"> & Partial<PresetField>;

export function field(draft: Draft): PresetField {
  return { kind: "text", required: true, default: "", options: [], ...draft };
}

/** Where a folder of the node is found in a container; the server's own folder for what is none of the node's. */
export function mountOf(folder: string, { readonly }: { readonly: boolean }) {
  const to = `/${/^[a-z]+$/.test(folder) ? folder : "folder"}`;
  return { from: folder === "own" ? "./files" : folder, to: folder === "own" ? "/files" : to, readonly };
}

/** The same folder as an argument of a command. */
export function argumentOf(folder: string): string {
  return folder.startsWith("/") ? folder : `{${folder}}`;
}
