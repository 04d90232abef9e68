/** Turns what zod found into a message a person can act on. */
import * as z from "zod";
import { ServiceError } from "../services/error.ts";
import { issueWords } from "./issue-words.ts";

// zod makes its messages while it parses, so this is said to zod itself. Words that a schema has of its own come first.
z.config({ customError: issueWords });

const MAX_QUOTED = 80;
const SECRET_FIELD = /password|token(?!s$)|secret|key$|^value$/i;

type Checked =
  | { success: true }
  | { success: false; error: { issues: z.core.$ZodIssue[] }; data?: unknown; target: string };

/** The hook of every route. Throws `invalid_input`; the first problem is the message, all of them are the details. */
export function refuseInvalid(result: Checked): void {
  if (result.success) return;
  const hint = `Correct the ${result.target === "json" ? "body" : result.target}; GET /api/openapi.json describes every field.`;
  throw invalidInput(result.error.issues, result.data, hint);
}

export function invalidInput(issues: readonly z.core.$ZodIssue[], input: unknown, hint: string): ServiceError {
  const problems = issues.map((issue) => describe(issue, input));
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return new ServiceError("invalid_input", `${first?.text ?? "The input is not valid."}${more}`, {
    hint,
    details: problems.map(({ path, message }) => ({ path, message })),
  });
}

function describe(issue: z.core.$ZodIssue, input: unknown) {
  const path = issue.path.map(String);
  const name = path.join(".");
  const message = `${issue.message.charAt(0).toUpperCase()}${issue.message.slice(1)}`;
  const value = quote(valueAt(input, path), path.at(-1) ?? "");
  const text =
    name === "" ? message : `${name}: ${value === undefined ? "missing" : `${value} is not valid`}. ${message}.`;
  return { path, message, text };
}

function valueAt(input: unknown, path: string[]): unknown {
  let at = input;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** The value as JSON, cut; a secret is never repeated. */
function quote(value: unknown, field: string): string | undefined {
  if (value === undefined) return undefined;
  if (SECRET_FIELD.test(field)) return "the given value";
  const text = JSON.stringify(value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}
