/** A form made of a tool's JSON schema, and the arguments that come of what was typed. Pure. */
import { readJson } from "../jobs/json-text.ts";
import { isObject, typeWords, withoutNull } from "./schema-fields.ts";

export type TryField = {
  name: string;
  required: boolean;
  description: string | null;
  /** Of what it takes, in words. */
  type: string;
  kind: TryKind;
};
type TryKind =
  | { is: "text"; isLong: boolean }
  | { is: "number"; isWhole: boolean }
  | { is: "boolean" }
  /** Values as JSON. */
  | { is: "choice"; values: readonly string[] }
  | { is: "json" };

/** By name, as typed; what is empty is left out. */
export type TryTexts = Readonly<Record<string, string>>;
type Arguments = Record<string, unknown>;

const SHORT_TEXT = 120;
const LONG_TEXTS = /content|text|body|code|sql|prompt|message|script|markdown|html/i;

export function tryFields(schema: unknown): TryField[] {
  if (!isObject(schema) || !isObject(schema["properties"])) return [];
  const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(schema["properties"]).map(([name, property]) => {
    const { description }: { description?: unknown } = isObject(property) ? property : {};
    return {
      ...{ name, required: required.includes(name), type: typeWords(property), kind: kindOf(name, property) },
      description: typeof description === "string" ? description : null,
    };
  });
}

function kindOf(name: string, property: unknown): TryKind {
  const schema = withoutNull(property);
  if (!isObject(schema)) return { is: "json" };
  const values = schema["enum"] ?? (schema["const"] === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(values)) return { is: "choice", values: values.map((value) => JSON.stringify(value)) };
  switch (schema["type"]) {
    case "string":
      return { is: "text", isLong: isLong(name, schema) };
    case "number":
      return { is: "number", isWhole: false };
    case "integer":
      return { is: "number", isWhole: true };
    case "boolean":
      return { is: "boolean" };
    default:
      return { is: "json" };
  }
}

/** Nothing in a schema says how many lines a text has: its name has to. */
function isLong(name: string, { format, maxLength }: Readonly<Record<string, unknown>>): boolean {
  if (format !== undefined || (typeof maxLength === "number" && maxLength <= SHORT_TEXT)) return false;
  return LONG_TEXTS.test(name);
}

/** What the form begins with: the schema's defaults. */
export function beginningTexts(schema: unknown): TryTexts {
  const properties = isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : {};
  const defaults = Object.entries(properties).flatMap(([name, property]) =>
    isObject(property) && property["default"] !== undefined && property["default"] !== null
      ? [[name, property["default"]] as const]
      : [],
  );
  return textsOf(tryFields(schema), Object.fromEntries(defaults));
}

/** Of arguments that were written as JSON. */
export function textsOf(fields: readonly TryField[], given: Readonly<Arguments>): TryTexts {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }) => (given[name] === undefined ? [] : [[name, textOf(kind, given[name])] as const])),
  );
}

function textOf(kind: TryKind, value: unknown): string {
  if (kind.is === "text" && typeof value === "string") return value;
  return kind.is === "json" ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}

/** `problems` are by field; what is typed wrongly never becomes something else. */
export function argumentsOf(
  fields: readonly TryField[],
  texts: TryTexts,
): { arguments: Arguments } | { problems: Record<string, string> } {
  const values: Arguments = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? "";
    if (text === "") {
      if (field.required) problems[field.name] = "It needs this.";
      continue;
    }
    const read = valueOf(field.kind, text);
    if ("problem" in read) problems[field.name] = read.problem;
    else values[field.name] = read.value;
  }
  return Object.keys(problems).length > 0 ? { problems } : { arguments: values };
}

function valueOf(kind: TryKind, text: string): { value: unknown } | { problem: string } {
  switch (kind.is) {
    case "text":
      return { value: text };
    case "number": {
      const number = Number(text);
      if (text.trim() === "" || !Number.isFinite(number)) return { problem: `"${text}" is no number.` };
      return kind.isWhole && !Number.isInteger(number)
        ? { problem: `"${text}" is no whole number.` }
        : { value: number };
    }
    case "boolean":
    case "choice":
    case "json": {
      const read = readJson(text);
      return "problem" in read ? { problem: `This is no JSON: ${read.problem}` } : read;
    }
  }
}

/** Why the arguments cannot be shown in the form, which has only the fields of the schema. */
export function noFormProblem(fields: readonly TryField[], given: Readonly<Arguments>): string | undefined {
  const other = Object.keys(given).find((name) => !fields.some((field) => field.name === name));
  return other === undefined ? undefined : `The form has no field for ${JSON.stringify(other)}: take it out first.`;
}

/** The whole of the arguments, as one JSON text. */
export function rawArguments(text: string): { arguments: Arguments } | { problem: string } {
  const read = readJson(text.trim() === "" ? "{}" : text);
  if ("problem" in read) return { problem: `This is no JSON: ${read.problem}` };
  return isObject(read.value) ? { arguments: { ...read.value } } : { problem: "Arguments are an object: { … }." };
}
