/** Environment variables of an instance: each has a value, or names the secret that holds it. */
import * as z from "zod";
import { SecretName } from "./api/secret.ts";
import { MAX_VARIABLE_BYTES, MAX_VARIABLES, MAX_VARIABLES_BYTES } from "./limits.ts";
import { isReservedVariable } from "./reserved-variables.ts";

const encoder = new TextEncoder();

/** The bytes that a list of variables takes as JSON, which is how it travels. */
export function bytesOfVariables(variables: readonly EnvironmentVariable[]): number {
  return encoder.encode(JSON.stringify(variables)).length;
}

/** As both ends of the link know it. */
export const EnvironmentVariable = z.object({
  name: z.string(),
  value: z.string().optional(),
  /** The name of a secret. */
  secret: z.string().optional(),
});
export type EnvironmentVariable = z.infer<typeof EnvironmentVariable>;

/** As a person may write it. */
const NewVariable = z
  .object({
    name: z
      .string()
      .max(128, "at most 128 characters")
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and _, not beginning with a digit")
      .refine((name) => name !== "__proto__", "JavaScript keeps this name to itself")
      .refine((name) => !isReservedVariable(name), "the launch sets this variable itself, or is run by it")
      .describe("Letters, digits and _. What every launch sets itself is refused."),
    value: z
      .string()
      .refine((value) => !/[\0\p{Surrogate}]/u.test(value), "a variable holds neither a NUL nor half a character")
      .refine((value) => encoder.encode(value).length <= MAX_VARIABLE_BYTES, "at most 32 KiB")
      .optional()
      .describe("Whoever may see the instance sees it."),
    secret: SecretName.optional().describe(
      "In place of a value: the name of a secret, which an admin binds. The app gets its value at each launch; it is shown nowhere.",
    ),
  })
  .refine(({ value, secret }) => (value === undefined) !== (secret === undefined), {
    message: "give a value, or the name of a secret, and not both",
    path: ["value"],
  })
  .meta({ id: "EnvironmentVariable", examples: [{ name: "HF_TOKEN", secret: "HUGGING_FACE" }] });

export const EnvironmentVariables = z
  .array(NewVariable)
  .max(MAX_VARIABLES, `at most ${MAX_VARIABLES} variables`)
  .refine((variables) => bytesOfVariables(variables) <= MAX_VARIABLES_BYTES, "at most 64 KiB in all")
  .superRefine((variables, context) => {
    const names = variables.map(({ name }) => name);
    const index = names.findIndex((name, at) => names.indexOf(name) < at);
    if (index < 0) return;
    const message = "another variable of the list has the same name";
    context.addIssue({ code: "custom", path: [index, "name"], message, input: variables });
  });

/** The names of the secrets that variables refer to, each once. */
export function secretsOf(variables: readonly EnvironmentVariable[]): string[] {
  return [...new Set(variables.flatMap(({ secret }) => secret ?? []))];
}

/** The variables that have a value of their own, as an environment. */
export function plainVariables(variables: readonly EnvironmentVariable[]): Record<string, string> {
  return Object.fromEntries(variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

/** The names of the variables whose values are secrets. */
export function secretVariableNames(variables: readonly EnvironmentVariable[]): string[] {
  return variables.flatMap(({ name, secret }) => (secret === undefined ? [] : [name]));
}
