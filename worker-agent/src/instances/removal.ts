/** Taking an instance off the disk: its folders, its launch script, its record. Outputs stay. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DataRoot } from "../host/data-root.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
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
  if (ownsFolder) {
    const folders = [folderOf(root, instance.folder)];
    if (instance.parent === null) folders.push(join(root.homeDir, instance.folder));
    for (const folder of folders) await (mode === "trash" ? trash(root, folder, now) : removeFolder(folder, dir));
  }
  for (const name of (await readdir(root.launchDir).catch(whenMissing)) ?? []) {
    if (name === instance.id || name.startsWith(`${instance.id}.`)) await remove(join(root.launchDir, name));
  }
  await remove(dir);
}

/** `<folder>-<time>`, and beside it `<folder>-<time>.home`. */
async function trash(root: DataRoot, folder: string, now: Date): Promise<void> {
  const stamp = now.toISOString().replaceAll(/[:.]/g, "-");
  const suffix = dirname(folder) === root.homeDir ? ".home" : "";
  const path = join(root.trashDir, `${basename(folder)}-${stamp}${suffix}`);
  await rename(folder, path).catch(whenMissing);
}

/**
 * The folder is an app's: another process of that user could put links into it while we go through it. Moved into the
 * instance's record, which only the agent enters, nobody can.
 */
async function removeFolder(folder: string, recordDir: string): Promise<void> {
  const aside = join(recordDir, "removed");
  await remove(aside);
  await rename(folder, aside).catch((error: unknown) => {
    if (!isErrno(error, "ENOENT") && !isErrno(error, "EXDEV")) throw error;
  });
  await remove(aside);
  await remove(folder);
}

/** Where an instance's folder lies. The name comes over the link and must not lead out. */
export function folderOf(root: DataRoot, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new Error(`not a folder's name: ${JSON.stringify(name)}`);
  return join(root.instancesDir, name);
}

/** Removes links as links, never what they point to. */
function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 });
}
