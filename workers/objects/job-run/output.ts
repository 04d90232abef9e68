/** Whether a model's last answer is what the job wants of it. Pure. */
import { Validator } from "@cfworker/json-schema";
import type { JobOutput } from "@roundhouse/protocol/api/job";
import { parseJson } from "@roundhouse/protocol/json";

export type CheckedOutput = { ok: true; output: string } | { ok: false; message: string };

const MAX_ISSUES = 10;

export function checkOutput(text: string, wanted: JobOutput): CheckedOutput {
  if (wanted.kind === "text") return { ok: true, output: text };
  const json = jsonIn(text);
  const value = parseJson(json);
  if (value === undefined) return { ok: false, message: "it is no JSON" };
  const { valid, errors } = new Validator(wanted.schema, "2020-12", false).validate(value);
  if (valid) return { ok: true, output: json };
  const words = errors.slice(0, MAX_ISSUES).map(({ instanceLocation, error }) => `- ${instanceLocation}: ${error}`);
  return { ok: false, message: `the schema does not accept it:\n${words.join("\n")}` };
}

/** Many models cannot help but put a fence around JSON. */
function jsonIn(text: string): string {
  return (/^\s*```(?:json)?[^\S\n]*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text).trim();
}
