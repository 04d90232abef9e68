/** What lies in this node's trash, and taking it away for good. */
import type { TrashEntry } from "@roundhouse/protocol/api/trash";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DataRoot } from "../host/data-root.ts";
import { measureDisk } from "../instances/disk-usage.ts";
import { removeFolder } from "../instances/removal.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import { homeOfEntry, isEntryName, readTrashRecord, trashPath, trashRecordPath } from "./record.ts";

/** Sizes of large folders take a while to measure: each is measured once. */
const sizes = new Map<string, number | null>();

/** The newest first. Folders that this agent did not put there are told, and nothing is done to them. */
export async function listTrash(root: DataRoot): Promise<TrashEntry[]> {
  const found = (await readdir(root.trashDir, { withFileTypes: true }).catch(whenMissing)) ?? [];
  const names = found.filter((entry) => entry.isDirectory() && isEntryName(entry.name)).map((entry) => entry.name);
  const entries = await Promise.all(names.map((name) => toEntry(root, name)));
  return entries.toSorted((a, b) => (b.deletedAt ?? "").localeCompare(a.deletedAt ?? ""));
}

async function toEntry(root: DataRoot, id: string): Promise<TrashEntry> {
  const record = await readTrashRecord(root, id);
  if (!sizes.has(id)) sizes.set(id, await measureDisk(trashPath(root, id)));
  const size = { id, sizeBytes: sizes.get(id) ?? null };
  if (!record) {
    return { ...size, name: id, blueprint: null, deletedAt: null, problem: "It was not put here by this agent." };
  }
  const { desired, deletedAt } = record;
  const problem = desired.parent === null ? null : "It was a satellite, which has nothing of its own to restore.";
  return { ...size, name: desired.name, blueprint: desired.blueprint.name, deletedAt, problem };
}

/** Answers whether it was there. */
export async function removeFromTrash(root: DataRoot, id: string): Promise<boolean> {
  if (!isEntryName(id) || (await lstat(trashPath(root, id)).catch(whenMissing)) === undefined) return false;
  // Moved where no app can put links into it while it is removed.
  const aside = join(root.stateDir, `trash-${id}`);
  await removeFolder(homeOfEntry(root, id), aside);
  await removeFolder(trashPath(root, id), aside);
  await rm(aside, { recursive: true, force: true });
  await rm(trashRecordPath(root, id), { force: true });
  sizes.delete(id);
  return true;
}

/** All that this agent put there. Answers how many. */
export async function emptyTrash(root: DataRoot): Promise<number> {
  let removed = 0;
  for (const { id, deletedAt } of await listTrash(root)) {
    if (deletedAt !== null && (await removeFromTrash(root, id))) removed += 1;
  }
  return removed;
}
