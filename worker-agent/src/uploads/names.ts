/** What a file of an upload and its folder may be called: relative, without a way out, and fit for a disk and a terminal. */
import { UploadProblem } from "./problem.ts";

/** As Linux's file systems have it, in bytes. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 1024;

/** The parts of a folder below the instance's own, none for "". Throws `invalid_input`. */
export function checkFolder(path: string): string[] {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw refuse("path", path, `it is longer than ${MAX_PATH_BYTES} bytes`);
  const parts = path === "" ? [] : path.split("/");
  for (const part of parts) {
    const problem = problemOf(part);
    if (problem !== undefined) throw refuse("path", path, problem);
  }
  return parts;
}

/** Throws `invalid_input`. */
export function checkFilename(name: string): string {
  const problem = name.includes("/") ? "it names a folder, too" : problemOf(name);
  if (problem !== undefined) throw refuse("filename", name, problem);
  return name;
}

function problemOf(part: string): string | undefined {
  if (part === "") return "it has an empty part";
  if (part === "." || part === "..") return `it has the part ${part}`;
  // Names are shown in terminals, where control characters are commands.
  if (/\p{Cc}/u.test(part)) return "it has a control character";
  return Buffer.byteLength(part) > MAX_NAME_BYTES ? `it has a part of more than ${MAX_NAME_BYTES} bytes` : undefined;
}

function refuse(key: string, value: string, problem: string): UploadProblem {
  const quoted = JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  const hint =
    key === "path"
      ? "Give a folder below the instance's own, such as models/loras; an empty path is that folder itself."
      : "Give the bare name of the file, and its folder as `path`.";
  return new UploadProblem("invalid_input", `The ${key} ${quoted} cannot be used: ${problem}.`, hint);
}
