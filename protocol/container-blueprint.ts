/** Reads a container blueprint, and says what is wrong with it by line and key. Pure. */
import { type Document, isCollection, LineCounter, type Node, parseDocument } from "yaml";
import type * as z from "zod";
import type { BlueprintProblem } from "./blueprint-check.ts";
import { ContainerSpec, NEVER_GIVEN } from "./container.ts";
import { nearestWord } from "./nearest-word.ts";
import type { DeclaredPort } from "./ports.ts";

/** `spec` is there exactly if no problem is an error. */
export type ReadContainer = { spec: ContainerSpec | undefined; problems: BlueprintProblem[] };

/** A blueprint that a person means is far below: this stops aliases that unfold without end. */
const MAX_ALIASES = 100;

export function readContainer(source: string): ReadContainer {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined) => (offset === undefined ? null : lines.linePos(offset).line);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => problem(lineAt(pos[0]), null, message));
    return { spec: undefined, problems };
  }
  const value = unfold(document);
  if (value === undefined)
    return { spec: undefined, problems: [problem(null, null, "its aliases unfold without end")] };
  if (value === null) return { spec: undefined, problems: [problem(null, null, "it is empty: say at least image:")] };
  const read = ContainerSpec.safeParse(value);
  if (read.success) return { spec: read.data, problems: [] };
  const lineOf = (path: readonly PropertyKey[]) => lineAt(placeOf(document.contents, path));
  const problems = read.error.issues.flatMap((issue) => problemsOf(issue, value, lineOf));
  return { spec: undefined, problems: problems.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)) };
}

/** Undefined where the library refuses to unfold it. */
function unfold(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

/** As instances declare them: their numbers on the node are the node's to allot. */
export function declaredPorts({ ports }: ContainerSpec): DeclaredPort[] {
  return Object.keys(ports).map((name) => ({
    name,
    port: null,
    env: `PORT_${name.toUpperCase().replaceAll("-", "_")}`,
  }));
}

type LineOf = (path: readonly PropertyKey[]) => number | null;

function problemsOf(issue: z.core.$ZodIssue, value: unknown, lineOf: LineOf): BlueprintProblem[] {
  if (issue.code !== "unrecognized_keys") {
    const given = valueAt(value, issue.path);
    const quoted = given === undefined ? "" : `${JSON.stringify(given)} is not right: `;
    return [
      problem(lineOf(issue.path), keyOf(issue.path), given === undefined ? missing(issue) : quoted + issue.message),
    ];
  }
  return issue.keys.map((key) =>
    problem(lineOf([...issue.path, key]), keyOf([...issue.path, key]), unknownKey(issue, key)),
  );
}

function missing({ message, path }: z.core.$ZodIssue): string {
  return path.length === 1 && path[0] === "image" ? "it is missing: the image to run" : message;
}

function unknownKey({ path }: z.core.$ZodIssue, key: string): string {
  const never = NEVER_GIVEN[key];
  if (never !== undefined) return `it is never given: ${never}`;
  const meant = path.length === 0 ? nearestWord(key, Object.keys(ContainerSpec.shape)) : undefined;
  return `there is no such key${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

/** Where in the text the value of a path stands; of what is not there, where its parent does. */
function placeOf(contents: Node | null, path: readonly PropertyKey[]): number | undefined {
  let place = contents?.range?.[0];
  let node: unknown = contents;
  for (const part of path) {
    if (!isCollection(node)) break;
    node = node.get(part, true);
    const range = node !== null && typeof node === "object" && "range" in node ? (node.range as number[] | null) : null;
    if (!range) break;
    place = range[0];
  }
  return place;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, part) => {
    return inner !== null && typeof inner === "object" ? Reflect.get(inner, part) : undefined;
  }, value);
}

function keyOf(path: readonly PropertyKey[]): string | null {
  return path.length === 0 ? null : path.map(String).join(".");
}

function problem(line: number | null, key: string | null, message: string): BlueprintProblem {
  return { line, key, message, severity: "error" };
}
