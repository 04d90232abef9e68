/** What the API refuses of an MCP server, at the fields of its form. Pure. */
import { fieldErrors, pathErrors } from "../api/field-errors.ts";
import type { ServerDraft } from "./run-draft.ts";

const COMMON = ["name", "env", "idleMinutes"];
/** A message at one of these stands there, and at a part of it too. */
const SHOWN: Readonly<Record<ServerDraft["kind"], readonly string[]>> = {
  command: [...COMMON, "run.command", "run.args"],
  container: [...COMMON, "run.image", "run.args", "run.mounts", "run.memory"],
  http: [...COMMON, "run.port", "run.path", "run.transport", "run.headers"],
};

/** By path; what is about one field by its code alone is by that field's name. */
export function serverErrors(error: unknown): Record<string, string> {
  return { ...fieldErrors(error), ...pathErrors(error) };
}

/** What stands above the form: an error that no field of it shows. `more`: fields beside those that all have. */
export function serverFormError(
  error: unknown,
  kind: ServerDraft["kind"],
  more: readonly string[] = [],
): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const paths = Object.keys(pathErrors(error));
  const all = paths.length > 0 ? paths : Object.keys(fieldErrors(error));
  const isShown = (path: string): boolean =>
    [...SHOWN[kind], ...more].some((field) => path === field || path.startsWith(`${field}.`));
  return all.length > 0 && all.every(isShown) ? undefined : error;
}
