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

/** What remains to be said above the form: nothing when every message stands at a field. */
export function formError(error: unknown, fields: readonly string[]): ApiError | Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const atFields = Object.keys(fieldErrors(error));
  return atFields.length > 0 && atFields.every((field) => fields.includes(field)) ? undefined : error;
}

function withHint(error: ApiError): string {
  return error.hint ? `${error.message} ${error.hint}` : error.message;
}

function fromDetails(details: unknown): Record<string, string> {
  if (Array.isArray(details)) return fromIssues(details);
  if (!isRecord(details)) return {};
  for (const key of ["issues", "fields", "fieldErrors"]) {
    if (details[key] !== undefined) return fromDetails(details[key]);
  }
  const found: Record<string, string> = {};
  for (const [field, value] of Object.entries(details)) {
    const message = Array.isArray(value) ? value[0] : value;
    if (typeof message === "string") found[field] = message;
  }
  return found;
}

function fromIssues(issues: readonly unknown[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const issue of issues) {
    if (!isRecord(issue)) continue;
    const { path, message }: { path?: unknown; message?: unknown } = issue;
    const first: unknown = Array.isArray(path) ? path[0] : path;
    const field = typeof first === "string" ? first.split(".")[0] : undefined;
    if (field && typeof message === "string") found[field] ??= message;
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
