/** What is wrong with a blueprint's source, line by line, as the control plane says it. */
import { ApiError } from "../api/errors.ts";

/** `line` counts from 1; `key` is the metadata key it is about. */
export type BlueprintProblem = { line: number; key: string | null; message: string };

/** The problems in the details of a refused save; none when it was refused for something else. */
export function problemsOf(error: unknown, source: string): BlueprintProblem[] {
  if (!(error instanceof ApiError)) return [];
  return listOf(error.details).flatMap((problem) => {
    if (typeof problem === "string") return [fromWords(problem, source)];
    return isProblem(problem) ? [{ line: problem.line, key: problem.key ?? null, message: problem.message }] : [];
  });
}

/** Of what stands in the block: `needs_disk: "lots" is not a size such as 20GiB`. */
export function fromWords(words: string, source: string): BlueprintProblem {
  const key = /^([A-Za-z0-9_-]+): /.exec(words)?.[1] ?? null;
  return { line: key === null ? 1 : lineOfKey(source, key), key, message: words };
}

function lineOfKey(source: string, key: string): number {
  const line = source.split(/\r?\n/).findIndex((text) => new RegExp(`^\\s*#\\s*\\w+\\.${key}\\s*=`).test(text));
  return Math.max(1, line + 1);
}

function listOf(details: unknown): readonly unknown[] {
  if (Array.isArray(details)) return details;
  const problems = (details as { problems?: unknown } | null | undefined)?.problems;
  return Array.isArray(problems) ? problems : [];
}

function isProblem(value: unknown): value is { line: number; key?: string | null; message: string } {
  const problem = value as { line?: unknown; message?: unknown } | null;
  return typeof problem?.line === "number" && typeof problem.message === "string";
}
