/** Makes a server of a preset and a filled-in form; nothing is written. */
import type { FillMcpPreset, McpPreset, NewMcpServer, PresetField } from "@roundhouse/protocol/api/mcp-server";
import { SecretName } from "@roundhouse/protocol/api/secret";
import { nearestWord } from "@roundhouse/protocol/nearest-word";
import { ServiceError } from "../error.ts";
import { presets } from "./presets/index.ts";
import type { Preset, Values } from "./presets/preset.ts";

const FOLDERS = ["own", "workspace", "models", "outputs", "datasets"];

export function listPresets(): McpPreset[] {
  return presets.map(({ id, title, description, homepage, needs, fields, ways }) => {
    return { id, title, description, homepage, needs, fields, ways };
  });
}

/** Throws `not_found` and `invalid_input`, naming the field. */
export function fillPreset(id: string, input: FillMcpPreset): NewMcpServer {
  const preset = presets.find((candidate) => candidate.id === id);
  if (!preset) throw unknownPreset(id);
  const { run, env } = preset.make[input.way](valuesOf(preset, input.values));
  return { name: input.name ?? preset.id, node: input.node, preset: preset.id, run, env };
}

function valuesOf({ fields }: Preset, given: Values): Values {
  const stray = Object.keys(given).find((name) => !fields.some((field) => field.name === name));
  if (stray !== undefined) throw wrong(stray, `the form has no field ${JSON.stringify(stray)}`);
  return Object.fromEntries(
    fields.map((field) => [field.name, checked(field, given[field.name]?.trim() ?? field.default)]),
  );
}

function checked(field: PresetField, value: string): string {
  const problem = problemOf(field, value);
  if (problem !== undefined) throw wrong(field.name, problem);
  return value;
}

function problemOf({ kind, required, options }: PresetField, value: string): string | undefined {
  if (value === "") return required ? "fill it in" : undefined;
  if (value.includes("\0")) return "text without a NUL";
  const quoted = JSON.stringify(value);
  if (kind === "choice" && !options.some((option) => option.value === value)) {
    return `${quoted} is none of ${options.map((option) => option.value).join(", ")}`;
  }
  if (kind === "secret" && !SecretName.safeParse(value).success) return `${quoted} is no name of a secret`;
  if (kind === "folder" && !FOLDERS.includes(value) && !value.startsWith("/")) {
    return `${quoted} is neither one of ${FOLDERS.join(", ")} nor an absolute path`;
  }
  return undefined;
}

function wrong(field: string, problem: string): ServiceError {
  const details = [{ path: ["values", field], message: problem }];
  return new ServiceError("invalid_input", `values.${field}: ${problem}.`, { details });
}

function unknownPreset(id: string): ServiceError {
  const ids = presets.map((preset) => preset.id);
  const meant = nearestWord(id, ids);
  return new ServiceError("not_found", `There is no preset ${JSON.stringify(id)}.`, {
    hint: meant === undefined ? `There are ${ids.join(", ")}.` : `Did you mean ${meant}?`,
  });
}
