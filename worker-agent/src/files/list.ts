/** What lies in a folder, page by page, by name. */
import type { FileEntry } from "@roundhouse/protocol/files";
import { readEntry } from "./entry.ts";
import { openFolder, type Place } from "./folder.ts";
import { FileProblem } from "./problem.ts";
import { leadsTo, type Roots } from "./roots.ts";

export type ListWish = { place: Place; limit: number; cursor: string | undefined; isRoot: boolean; shown: string };
export type Listed = { items: FileEntry[]; cursor: string | null };

/** A root that is not there yet is empty; another folder that is not there is `not_found`. */
export async function listFolder(roots: Roots, { place, limit, cursor, isRoot, shown }: ListWish): Promise<Listed> {
  const folder = await openFolder(place);
  if (!folder && isRoot) return { items: [], cursor: null };
  if (!folder) throw notFound(shown);
  try {
    const names = (await folder.names())
      .map((bytes) => ({ bytes, text: bytes.toString() }))
      .filter(({ text }) => !text.startsWith(DRAFT_PREFIX) && (cursor === undefined || text > cursor))
      .toSorted((a, b) => byCode(a.text, b.text));
    const page = names.slice(0, limit);
    const entries = await Promise.all(
      page.map(({ bytes }) => readEntry(folder, bytes, (to) => leadsTo(roots, place, to))),
    );
    const isLast = page.length === names.length;
    return {
      items: entries.filter((entry) => entry !== undefined),
      cursor: isLast ? null : (page.at(-1)?.text ?? null),
    };
  } finally {
    await folder.close();
  }
}

/** The name under which a file is written until it is whole. */
export const DRAFT_PREFIX = ".roundhouse-draft-";

export function notFound(path: string): FileProblem {
  const hint = "It may have been moved or removed meanwhile: list its folder again.";
  return new FileProblem("not_found", `There is nothing at ${JSON.stringify(path)}.`, hint);
}

function byCode(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
