/** What is wrong with the source of a blueprint, by line and key: errors refuse it, warnings come with the answer. Pure. */
import * as z from "zod";
import { type BashMetadata, METADATA_END, METADATA_START, readNeeds } from "./blueprint.ts";
import { readDeclaredPorts } from "./blueprint-ports.ts";
import { readContainer } from "./container-blueprint.ts";
import type { BlueprintKind } from "./instance.ts";
import { MAX_BLUEPRINT_BYTES } from "./limits.ts";
import { nearestWord } from "./nearest-word.ts";

export const BlueprintProblem = z
  .object({
    /** Counted from 1; null for what is wrong with the whole. */
    line: z.int().positive().nullable(),
    /** Of the metadata block, without its prefix. */
    key: z.string().nullable(),
    message: z.string(),
    severity: z.enum(["error", "warning"]),
  })
  .meta({ id: "BlueprintProblem" });
export type BlueprintProblem = z.infer<typeof BlueprintProblem>;

const KEYS = [
  ...["name", "description", "category", "venv_type", "venv_path", "persistent_mode"],
  ...["needs_gpu", "needs_gpu_memory", "needs_disk", "needs_docker", "needs_platform", "ports"],
];
const PREFIXES = ["aikore", "roundhouse"];
const VENV_TYPES: NonNullable<BashMetadata["venvType"]>[] = ["conda", "python"];

type Entry = { line: number; prefix: string; key: string; value: string };

/** In the order of the lines. A source without a block is an error: the catalogue would have nothing to show of it. */
export function checkBlueprint(kind: BlueprintKind, source: string): BlueprintProblem[] {
  if (kind === "container") return readContainer(source).problems;
  if (kind !== "bash") return [];
  const lines = source.split(/\r?\n/);
  const problems = [...problemsOfText(source, lines), ...problemsOfHeader(lines)];
  return problems.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
}

/** `line 4, needs_disk: "lots" is not a size such as 20GiB`. */
export function describeProblem({ line, key, message }: BlueprintProblem): string {
  const place = [line === null ? undefined : `line ${line}`, key].filter((part) => part !== undefined && part !== null);
  return place.length === 0 ? message : `${place.join(", ")}: ${message}`;
}

/** Whether a source has no metadata block at all, which is told apart from a broken one. */
export function isWithoutBlock(source: string): boolean {
  return !source.includes(METADATA_START) && !source.includes(METADATA_END);
}

function problemsOfText(source: string, lines: string[]): BlueprintProblem[] {
  if (source.trim() === "") return [error(null, null, "the script is empty, so there is nothing to run")];
  const problems: BlueprintProblem[] = [];
  const bytes = new TextEncoder().encode(source).length;
  if (bytes > MAX_BLUEPRINT_BYTES)
    problems.push(error(null, null, `${bytes} bytes are more than ${MAX_BLUEPRINT_BYTES}`));
  const binary = lines.findIndex((line) => line.includes("\0"));
  if (binary >= 0) problems.push(error(binary + 1, null, "it has a NUL byte: a script is text"));
  if (source.startsWith("\uFEFF"))
    problems.push(warning(1, null, "it begins with a byte order mark, which is left out when it runs"));
  if (source.includes("\r\n")) {
    const line = source.slice(0, source.indexOf("\r\n")).split("\n").length;
    problems.push(warning(line, null, "its lines end as on Windows (CRLF); it runs with LF"));
  }
  const isCommand = (line: string) => line.trim() !== "" && !line.trim().startsWith("#");
  if (!lines.some(isCommand)) problems.push(warning(null, null, "it has comments only, so it ends at once"));
  return problems;
}

function problemsOfHeader(lines: string[]): BlueprintProblem[] {
  const start = lines.findIndex((line) => line.includes(METADATA_START));
  const end = lines.findIndex((line, index) => index > start && line.includes(METADATA_END));
  if (start < 0 && end < 0) return [error(null, null, "it has no metadata block")];
  if (start < 0) return [error(end + 1, null, `the block ends here, but no line before says ${METADATA_START}`)];
  if (end < 0)
    return [error(start + 1, null, `the block begins here and has no end: a line ${METADATA_END} is missing`)];
  const block = lines.slice(start + 1, end);
  const more = lines.findIndex((line, index) => index > end && line.includes(METADATA_START));
  return [
    ...block.flatMap((text, index) => problemOfForm(text, start + index + 2) ?? []),
    ...problemsOfEntries(block.flatMap((text, index) => readEntry(text, start + index + 2) ?? [])),
    ...(more < 0 ? [] : [warning(more + 1, null, "this second metadata block is not read")]),
  ];
}

function readEntry(text: string, line: number): Entry | undefined {
  const [, prefix, key, value] = /^\s*#\s*([A-Za-z]+)\.([A-Za-z0-9_-]+)\s*=(.*)$/.exec(text) ?? [];
  if (prefix === undefined || key === undefined || value === undefined) return undefined;
  return { line, prefix, key, value: value.trim() };
}

/** A line that was meant to be an entry and is none. */
function problemOfForm(text: string, line: number): BlueprintProblem | undefined {
  const [, key] = /^\s*#\s*(?:aikore|roundhouse)\.([A-Za-z0-9_-]*)/.exec(text) ?? [];
  if (key !== undefined && !readEntry(text, line)) {
    return error(line, key || null, "it is not of the form # aikore.<key> = <value>");
  }
  const isComment = text.trim() === "" || text.trim().startsWith("#");
  return isComment
    ? undefined
    : warning(line, null, "this line of the metadata block is no comment: it runs as a command");
}

function problemsOfEntries(entries: Entry[]): BlueprintProblem[] {
  const firstLines = new Map<string, number>();
  return entries.flatMap((entry) => {
    const { line, prefix, key } = entry;
    if (!PREFIXES.includes(prefix)) return problemOfPrefix(entry) ?? [];
    const first = firstLines.get(key);
    if (first !== undefined) return error(line, key, `it is said already on line ${first}`);
    firstLines.set(key, line);
    return KEYS.includes(key) ? (problemOfValue(entry) ?? []) : problemOfKey(entry);
  });
}

/** Comments of the form `word.word = …` are free, unless they look like ours with a slip. */
function problemOfPrefix({ line, prefix, key }: Entry): BlueprintProblem | undefined {
  const meant = nearestWord(prefix, PREFIXES);
  return meant === undefined
    ? undefined
    : warning(line, key, `${JSON.stringify(prefix)} is not read; did you mean ${meant}.${key}?`);
}

/** AiKore may have keys that we do not know; ours we know. */
function problemOfKey({ line, prefix, key }: Entry): BlueprintProblem {
  const meant = nearestWord(key, KEYS);
  const message = `there is no such key${meant === undefined ? "" : `; did you mean ${prefix}.${meant}?`}`;
  return prefix === "roundhouse" ? error(line, key, message) : warning(line, key, message);
}

function problemOfValue({ line, key, value }: Entry): BlueprintProblem | undefined {
  const quoted = JSON.stringify(value);
  if (value === "") return warning(line, key, "it has no value");
  if (key === "venv_type" && !VENV_TYPES.some((type) => type === value)) {
    return error(line, key, `${quoted} is not one of ${VENV_TYPES.join(", ")}`);
  }
  if (key === "venv_path" && leadsOut(value)) {
    return error(line, key, `${quoted} does not lie below the instance's folder; write it like ./env`);
  }
  const [problem] = key === "ports" ? readDeclaredPorts(value).problems : readNeeds({ [key]: value }).problems;
  return problem === undefined ? undefined : error(line, key, problem.slice(`${key}: `.length));
}

function leadsOut(path: string): boolean {
  if (path.startsWith("/") || path.startsWith("~") || path.includes("$")) return true;
  let depth = 0;
  for (const part of path.split("/")) {
    depth += part === ".." ? -1 : part === "" || part === "." ? 0 : 1;
    if (depth < 0) return true;
  }
  return depth === 0;
}

function error(line: number | null, key: string | null, message: string): BlueprintProblem {
  return { line, key, message, severity: "error" };
}

function warning(line: number | null, key: string | null, message: string): BlueprintProblem {
  return { line, key, message, severity: "warning" };
}
