/** JSON schemas of tools, kept small and without references: they are part of what a model reads. */
import * as z from "zod";

export type JsonSchema = { type: "object"; [key: string]: unknown };

/** The registry of names that schemas have in the OpenAPI document; without it, they are written in place. */
const UNNAMED = z.registry<{ description?: string }>();

export function schemaOfInput(schema: z.ZodObject): JsonSchema {
  return asObject(z.toJSONSchema(schema, { io: "input", override: leaveOut }));
}

export function schemaOfOutput(schema: z.ZodObject): JsonSchema {
  return asObject(z.toJSONSchema(schema, { io: "output", metadata: UNNAMED, override: allowMore }));
}

function asObject(written: z.core.JSONSchema.BaseSchema): JsonSchema {
  const schema = { ...written, type: "object" as const };
  delete schema.$schema;
  return schema;
}

type Overridden = { jsonSchema: z.core.JSONSchema.BaseSchema };

/** Bounds that say nothing, and zod's pattern beside a format that says the same. */
function leaveOut({ jsonSchema }: Overridden): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
}

/** A later version may answer more: a client that kept this schema goes on. */
function allowMore(overridden: Overridden): void {
  leaveOut(overridden);
  if (overridden.jsonSchema.additionalProperties === false) delete overridden.jsonSchema.additionalProperties;
}
