/** Whether something that must not be stored is. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The files below a folder that hold one of these texts, but for those below `except`. */
export async function filesNaming(folder: string, texts: readonly string[], except?: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return files
    .filter((path) => except === undefined || !path.startsWith(except))
    .filter((path) => texts.some((text) => readFileSync(path).includes(text)));
}
