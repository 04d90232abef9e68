/** A JSON schema of a tool as a person reads it: a row for each field, also of those within. Pure. */

type Json = Readonly<Record<string, unknown>>;

export type SchemaField = {
  /** With the names above it: `options.depth`, `items[].name`. */
  path: string;
  /** `text`, `number`, `one of "a", "b"`, `list of text`. */
  type: string;
  required: boolean;
  description: string | null;
  /** As JSON. */
  default: string | null;
};

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "yes or no",
  object: "object",
  null: "nothing",
};
const DEEPEST = 6;
const MOST_FIELDS = 200;

export function schemaFields(schema: unknown): SchemaField[] {
  return fieldsWithin(schema, "", 0).slice(0, MOST_FIELDS);
}

function fieldsWithin(schema: unknown, prefix: string, depth: number): SchemaField[] {
  if (!isObject(schema) || depth > DEEPEST) return [];
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix + name;
    const field = fieldOf(path, isObject(property) ? property : {}, required.includes(name));
    const inner = innerOf(property);
    return [field, ...(inner === undefined ? [] : fieldsWithin(inner.schema, path + inner.link, depth + 1))];
  });
}

function fieldOf(path: string, schema: Json, required: boolean): SchemaField {
  const { description } = schema;
  return {
    path,
    type: typeWords(schema),
    required,
    description: typeof description === "string" && description !== "" ? description : null,
    default: schema["default"] === undefined ? null : JSON.stringify(schema["default"]),
  };
}

/** An object's own fields, or those of the objects in a list. */
function innerOf(property: unknown): { schema: unknown; link: string } | undefined {
  const schema = withoutNull(property);
  if (!isObject(schema)) return undefined;
  if (isObject(schema["properties"])) return { schema, link: "." };
  const items = withoutNull(schema["items"]);
  return isObject(items) && isObject(items["properties"]) ? { schema: items, link: "[]." } : undefined;
}

export function typeWords(property: unknown): string {
  const schema = withoutNull(property);
  if (!isObject(schema)) return "anything";
  const { type, enum: values, items } = schema;
  if (Array.isArray(values)) return `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`;
  if (schema["const"] !== undefined) return `always ${JSON.stringify(schema["const"])}`;
  if (type === "array") return items === undefined ? "list" : `list of ${typeWords(items)}`;
  if (typeof type === "string") return TYPE_WORDS[type] ?? type;
  if (Array.isArray(type)) return type.map((one) => TYPE_WORDS[String(one)] ?? String(one)).join(" or ");
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return choices.map(typeWords).join(" or ");
  return "anything";
}

/** `X or nothing` is X: whoever has nothing leaves it out. */
export function withoutNull(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { type } = schema;
  if (Array.isArray(type)) {
    const kinds = type.filter((kind) => kind !== "null");
    return kinds.length === 1 ? { ...schema, type: kinds[0] as unknown } : schema;
  }
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (!Array.isArray(choices)) return schema;
  const others: unknown[] = choices.filter((choice) => !(isObject(choice) && choice["type"] === "null"));
  const [only] = others;
  if (others.length !== 1 || !isObject(only)) return schema;
  const { anyOf: _any, oneOf: _one, ...rest } = schema;
  return { ...only, ...rest };
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
