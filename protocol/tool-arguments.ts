/** Arguments of a tool call as both sides read them: checked, with defaults filled in, or refused in words for a model. */
import type * as z from "zod";
import { nearestWord } from "./nearest-word.ts";
import { isNativeTool, isPoolTool, NATIVE_TOOL_NAMES, NATIVE_TOOLS, type NativeToolName } from "./tools.ts";

export type ToolArguments<N extends NativeToolName> = z.infer<(typeof NATIVE_TOOLS)[N]["input"]>;
export type ReadArguments = { ok: true; arguments: Record<string, unknown> } | { ok: false; message: string };

const MOST_PROBLEMS = 3;
const SHOWN_CHARACTERS = 80;

/** Keys that the tool does not know are left out. */
export function readArguments(tool: NativeToolName, given: Readonly<Record<string, unknown>>): ReadArguments {
  const { input } = NATIVE_TOOLS[tool];
  const parsed = input.safeParse(given);
  if (parsed.success) return { ok: true, arguments: parsed.data };
  const fields: Record<string, z.ZodType> = input.shape;
  const problems = parsed.error.issues.slice(0, MOST_PROBLEMS).map((issue) => describe(issue, given, fields));
  const stray = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  const unknown = stray.length > 0 ? ` It knows no ${stray.map((name) => JSON.stringify(name)).join(", ")}.` : "";
  return { ok: false, message: `${problems.join(" ")}${unknown} ${signature(tool, fields)}` };
}

/** What to say of a name that is no tool of the node. */
export function unknownTool(name: string): string {
  const names = NATIVE_TOOL_NAMES.filter((one) => !isPoolTool(one));
  if (isNativeTool(name)) return `${name} is a tool of the control plane, which does it itself.`;
  const near = nearestWord(name, names);
  const meant = near === undefined ? "" : ` Did you mean ${near}?`;
  return `There is no tool ${shown(name)}.${meant} The node's tools are ${names.join(", ")}.`;
}

function describe(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
  fields: Record<string, z.ZodType>,
): string {
  const [field, ...inner] = issue.path.map(String);
  if (field === undefined) return `${issue.message}.`;
  const place = [field, ...inner].join(".");
  const about = fields[field]?.description;
  const hint = about === undefined ? "" : ` ${about}.`;
  if (!Object.hasOwn(given, field)) return `${place} is missing.${hint}`;
  return `${place} cannot be ${shown(given[field])}: ${issue.message}.${hint}`;
}

function signature(tool: NativeToolName, fields: Record<string, z.ZodType>): string {
  const names = Object.entries(fields).map(([name, field]) => (field.safeParse(undefined).success ? `${name}?` : name));
  return `${tool} takes: ${names.join(", ") || "nothing"}.`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
