/** Small files that may not be there (yet). */
import { readFileSync } from "node:fs";
import { parseJson } from "@roundhouse/protocol/json";

/** The text, or undefined when there is no such file. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The JSON value, or undefined when there is no such file or it holds none (its writer died half-way). */
export function readJsonIfThere(path: string): unknown {
  const text = readIfThere(path);
  return text === undefined ? undefined : parseJson(text);
}
