/** Whether something is a JSON schema: a word in it that means nothing would refuse every answer, or none. */
import { Validator } from "@cfworker/json-schema";
import * as z from "zod";
import { ServiceError } from "../error.ts";

const Type = z.enum(["null", "boolean", "object", "array", "number", "integer", "string"]);
const Count = z.int().min(0);
const Pattern = z.string().refine(isPattern, "a regular expression");

/** The keywords whose values can be wrong; others are let through, as JSON schema says. */
const Keywords: z.ZodType = z.looseObject({
  type: z.union([Type, z.array(Type).min(1)], "one of, or a list of, " + Type.options.join(", ")).optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), Schema).optional();
  },
  get $defs() {
    return z.record(z.string(), Schema).optional();
  },
  get items() {
    return z.union([Schema, z.array(Schema)], "a schema").optional();
  },
  get additionalProperties() {
    return Schema.optional();
  },
  get anyOf() {
    return z.array(Schema).optional();
  },
  get oneOf() {
    return z.array(Schema).optional();
  },
  get allOf() {
    return z.array(Schema).optional();
  },
  get not() {
    return Schema.optional();
  },
  $ref: z.string().optional(),
  pattern: Pattern.optional(),
  ...{ minimum: z.number().optional(), maximum: z.number().optional() },
  ...{ minLength: Count.optional(), maxLength: Count.optional() },
  ...{ minItems: Count.optional(), maxItems: Count.optional() },
});
const SCHEMA_WORDS = "true, false, or an object of keywords";
const Schema: z.ZodType = z.lazy(() => z.union([z.boolean(), Keywords], SCHEMA_WORDS));

/** Throws `invalid_input`, with the place in the schema. */
export function requireJsonSchema(schema: Record<string, unknown>): void {
  const checked = Keywords.safeParse(schema);
  const issue = checked.error?.issues[0];
  if (issue) throw badSchema(describe(issue));
  try {
    new Validator(schema, "2020-12").validate({});
  } catch (error) {
    // Of a $ref that leads nowhere, and of what else its own checks find.
    throw badSchema(error instanceof Error ? error.message : String(error), error);
  }
}

/** A union hides what is wrong inside it: of its parts, the one that came furthest tells. */
function describe(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union" && issue.message === SCHEMA_WORDS) {
    const inner = issue.errors.flat().filter((candidate) => candidate.path.length > 0);
    if (inner[0]) return describe(inner[0], path);
  }
  return `${path.map(String).join(".")}: ${issue.message}`;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, "u").source !== "";
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function badSchema(problem: string, cause?: unknown): ServiceError {
  return new ServiceError("invalid_input", `output.schema: is no JSON schema (${problem}).`, {
    hint: 'Write it like {"type": "object", "properties": {…}, "required": […]}.',
    cause,
  });
}
