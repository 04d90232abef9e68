/** Which field of a form an error is about. */
import { ApiError } from "./errors.ts";

/** Codes that are about one field even when the answer has no details. */
const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  name_taken: "name",
  port_out_of_range: "port",
  port_taken: "port",
  port_pool_empty: "port",
  unknown_blueprint: "blueprint",
  unknown_node: "node",
  unknown_secret: "secret",
  unknown_provider: "provider",
  node_offline: "node",
  node_full: "node",
  node_lacks: "node",
};

/** Messages by field name. Details may be a list of `{path, message}` or an object of field → message. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const found = fromDetails(error.details);
  const field = FIELD_OF_CODE[error.code];
  if (field !== undefined && found[field] === undefined) found[field] = withHint(error);
  return found;
}

/** Messages by the whole path (`triggers.0.schedule`), for forms with fields within fields. */
export function pathErrors(error: unknown): Record<string, string> {
  return error instanceof ApiError ? fromDetails(error.details, pathOf) : {};
}

/** The first message at a path, or at something within it. */
export function errorUnder(errors: Readonly<Record<string, string>>, path: string): string | undefined {
  return errors[path] ?? Object.entries(errors).find(([key]) => key.startsWith(`${path}.`))?.[1];
}

/** What remains to be said above the form: nothing when every message stands at a field. */
export function formError(error: unknown, fields: readonly string[]): ApiError | Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const atFields = Object.keys(fieldErrors(error));
  return atFields.length > 0 && atFields.every((field) => fields.includes(field)) ? undefined : error;
}

function withHint(error: ApiError): string {
  return error.hint ? `${error.message} ${error.hint}` : error.message;
}

type KeyOf = (path: readonly string[]) => string | undefined;
const fieldOf: KeyOf = ([first]) => first;
const pathOf: KeyOf = (path) => (path.length === 0 ? undefined : path.join("."));

function fromDetails(details: unknown, keyOf: KeyOf = fieldOf): Record<string, string> {
  if (Array.isArray(details)) return fromIssues(details, keyOf);
  if (!isRecord(details)) return {};
  for (const key of ["issues", "fields", "fieldErrors"]) {
    if (details[key] !== undefined) return fromDetails(details[key], keyOf);
  }
  const found: Record<string, string> = {};
  for (const [field, value] of Object.entries(details)) {
    const message: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof message === "string") found[field] = message;
  }
  return found;
}

function fromIssues(issues: readonly unknown[], keyOf: KeyOf): Record<string, string> {
  const found: Record<string, string> = {};
  for (const issue of issues) {
    if (!isRecord(issue)) continue;
    const { path, message }: { path?: unknown; message?: unknown } = issue;
    const key = keyOf(partsOf(path));
    if (key && typeof message === "string") found[key] ??= message;
  }
  return found;
}

/** `["limits", "turns"]` of `limits.turns`, or of such a list. */
function partsOf(path: unknown): string[] {
  const parts: unknown[] = Array.isArray(path) ? path : [path];
  return parts.flatMap((part) =>
    typeof part === "string" ? part.split(".") : typeof part === "number" ? [String(part)] : [],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
