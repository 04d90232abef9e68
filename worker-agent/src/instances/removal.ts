/** Taking an instance off the disk: its folders, its launch script, its record. Outputs stay. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { moveFolder, removeTree } from "../files/unlock.ts";
import type { DataRoot } from "../host/data-root.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import { homeOfEntry, trashPath, writeTrashRecord } from "../trash/record.ts";
import { cachedSource } from "./blueprint-cache.ts";
import { statePaths, type InstanceState } from "./state-file.ts";

/** Call only when nothing of the instance runs. Safe to repeat after a crash in the middle. */
export async function removeInstance(
  root: DataRoot,
  { desired: instance, ownsFolder }: InstanceState,
  mode: DesiredInstance["deleteMode"],
  now: Date,
): Promise<void> {
  const { dir } = statePaths(root, instance.id);
  // A satellite works in its parent's folder and home; what bears its own name is its own.
  const folder = folderOf(root, instance.folder);
  const home = instance.parent === null ? join(root.homeDir, instance.folder) : null;
  if (ownsFolder && mode === "trash") await trash(root, instance, { folder, home }, now);
  if (ownsFolder) for (const one of [folder, home]) if (one !== null) await removeFolder(one, dir);
  await removeFolder(draftOf(root, instance.id), dir);
  for (const name of (await readdir(root.launchDir).catch(whenMissing)) ?? []) {
    if (name === instance.id || name.startsWith(`${instance.id}.`)) await removeTree(join(root.launchDir, name));
  }
  await removeTree(dir);
}

/**
 * `<folder>-<time>`, and beside it what was its home and what is known of it. The folder goes last: as long as it is
 * there, this is still to be done.
 */
async function trash(
  root: DataRoot,
  desired: DesiredInstance,
  { folder, home }: { folder: string; home: string | null },
  now: Date,
): Promise<void> {
  if ((await lstat(folder).catch(whenMissing)) === undefined) return;
  const entry = `${desired.folder}-${now.toISOString().replaceAll(/[:.]/g, "-")}`;
  const source = (await cachedSource(root, desired.blueprint.digest)) ?? null;
  await writeTrashRecord(root, entry, { version: 1, desired, source, deletedAt: now.toISOString() });
  if (home !== null) await moveFolder(home, homeOfEntry(root, entry)).catch(whenMissing);
  await moveFolder(folder, trashPath(root, entry));
}

/**
 * The folder is an app's: another process of that user could put links into it while we go through it. Moved into the
 * instance's record, which only the agent enters, nobody can.
 */
export async function removeFolder(folder: string, recordDir: string): Promise<void> {
  const aside = join(recordDir, "removed");
  await removeTree(aside);
  await moveFolder(folder, aside).catch((error: unknown) => {
    if (!isErrno(error, "ENOENT") && !isErrno(error, "EXDEV")) throw error;
  });
  await removeTree(aside);
  await removeTree(folder);
}

/** Where a folder is made before it is whole. */
export function draftOf(root: DataRoot, id: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new Error(`not an instance id: ${JSON.stringify(id)}`);
  return join(root.instancesDir, `.making-${id}`);
}

/** Where an instance's folder lies. The name comes over the link and must not lead out. */
export function folderOf(root: DataRoot, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new Error(`not a folder's name: ${JSON.stringify(name)}`);
  return join(root.instancesDir, name);
}
