/** What a path below a root may be: relative, without a way out, and where something is made, fit for a disk and a terminal. */
import { FileProblem } from "./problem.ts";

/** As Linux's file systems have it, in bytes. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = { make: 1024, find: 4096 };

/** Something is made under a new name, or what is there already is named. */
type Purpose = "make" | "find";

/** The parts of a folder below a root, none for "". Throws `invalid_input`. */
export function checkFolder(path: string, purpose: Purpose = "make", field = "path"): string[] {
  const most = MAX_PATH_BYTES[purpose];
  if (Buffer.byteLength(path) > most) throw refuse(field, path, `it is longer than ${most} bytes`);
  const parts = path === "" ? [] : path.split("/");
  for (const part of parts) {
    const problem = problemOf(part, purpose);
    if (problem !== undefined) throw refuse(field, path, problem);
  }
  return parts;
}

/** Throws `invalid_input`. */
export function checkFilename(name: string): string {
  const problem = name.includes("/") ? "it names a folder, too" : problemOf(name, "make");
  if (problem !== undefined) throw refuse("filename", name, problem);
  return name;
}

/** A path to something below a root: the folders on the way, and its name. Throws `invalid_input`. */
export function checkPath(path: string, purpose: Purpose, field = "path"): { folder: string[]; name: string } {
  const folder = checkFolder(path, purpose, field);
  const name = folder.pop();
  if (name === undefined) throw refuse(field, path, "it is empty");
  return { folder, name };
}

/**
 * A path as it stands in a URL. Each part is decoded once, after the parts were told apart: a slash that was encoded is
 * part of a name, which no name may have, and what is encoded twice is a name with a percent sign. Throws `invalid_input`.
 */
export function decodePath(encoded: string): string {
  const parts = encoded.split("/").map((part) => decodePart(part, encoded));
  if (parts.some((part) => part.includes("/"))) throw refuse("path", encoded, "it has an encoded slash within a name");
  return parts.join("/");
}

function decodePart(part: string, whole: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw refuse("path", whole, "it is not percent-encoded UTF-8");
  }
}

function problemOf(part: string, purpose: Purpose): string | undefined {
  if (part === "") return "it has an empty part";
  if (part === "." || part === "..") return `it has the part ${part}`;
  if (part.includes("\0")) return "it has a NUL character";
  if (/\p{Cs}/u.test(part)) return "it is not Unicode";
  // Names are shown in terminals, where control characters are commands. What is there already can be removed.
  if (purpose === "make" && /\p{Cc}/u.test(part)) return "it has a control character";
  return Buffer.byteLength(part) > MAX_NAME_BYTES ? `it has a part of more than ${MAX_NAME_BYTES} bytes` : undefined;
}

function refuse(field: string, value: string, problem: string): FileProblem {
  const quoted = JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  const hint =
    field === "filename"
      ? "Give the bare name of the file, and its folder as `path`."
      : "Give a path below the root, such as models/loras; an empty path is the root itself.";
  return new FileProblem("invalid_input", `The ${field} ${quoted} cannot be used: ${problem}.`, hint);
}
