/** `list_files`: what lies in a folder, by name. Links are shown, and not followed. */
import type { FileEntry } from "@roundhouse/protocol/files";
import type { ToolArguments } from "@roundhouse/protocol/tool-arguments";
import { readEntry } from "../../files/entry.ts";
import { openFolder } from "../../files/folder.ts";
import { DRAFT_PREFIX, notFound } from "../../files/list.ts";
import type { Found } from "../call.ts";
import type { ReadDeps } from "./deps.ts";

const MOST_CHARACTERS = 15_000;

export async function listFiles({ places }: ReadDeps, args: ToolArguments<"list_files">): Promise<Found> {
  const located = places.locate(args.path, "find");
  if (located.is === "names")
    return told(
      located.names.map((name) => `${name}/`),
      located.names.length,
    );
  const folder = await openFolder(located.place);
  if (!folder && located.isRoot) return told([], 0);
  if (!folder) throw notFound(args.path);
  try {
    const names = (await folder.names()).filter((name) => !name.toString().startsWith(DRAFT_PREFIX));
    const wanted = names.toSorted((one, other) => one.compare(other)).slice(0, args.limit);
    const entries = await Promise.all(wanted.map((name) => readEntry(folder, name, () => null)));
    return told(entries.filter((entry) => entry !== undefined).map(lineOf), names.length);
  } finally {
    await folder.close();
  }
}

function lineOf({ name, kind, size, modifiedAt, target }: FileEntry): string {
  const time = `${modifiedAt.slice(0, 19)}Z`;
  if (kind === "folder") return `${name}/  ${time}`;
  if (kind === "link") return `${name} -> ${target ?? "?"}  (a link, not followed)`;
  return kind === "file" ? `${name}  ${size} bytes  ${time}` : `${name}  (no regular file)`;
}

function told(lines: readonly string[], all: number): Found {
  if (all === 0) return { ok: true, content: "(The folder is empty.)" };
  let room = MOST_CHARACTERS;
  const shown = lines.filter((line) => (room -= line.length + 1) > 0);
  const left = all - shown.length;
  return { ok: true, content: shown.join("\n") + (left > 0 ? `\n(${left} more; search_files finds by name.)` : "") };
}
