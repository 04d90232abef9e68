/** Taking an instance off the disk: its folder, its launch script, its record. Outputs stay. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
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
  // A satellite lives in its parent's folder and has none of its own.
  if (ownsFolder)
    await (mode === "trash" ? trashFolder(root, instance.slug, now) : removeFolder(root, instance.slug, dir));
  for (const name of (await readdir(root.launchDir).catch(whenMissing)) ?? []) {
    if (name === instance.id || name.startsWith(`${instance.id}.`)) await remove(join(root.launchDir, name));
  }
  await remove(dir);
}

async function trashFolder(root: DataRoot, slug: string, now: Date): Promise<void> {
  const stamp = now.toISOString().replaceAll(/[:.]/g, "-");
  await rename(folderOf(root, slug), join(root.trashDir, `${slug}-${stamp}`)).catch(whenMissing);
}

/**
 * The folder is an app's: another process of that user could put links into it while we go through it. Moved into the
 * instance's record, which only the agent enters, nobody can.
 */
async function removeFolder(root: DataRoot, slug: string, recordDir: string): Promise<void> {
  const folder = folderOf(root, slug);
  const aside = join(recordDir, "removed");
  await remove(aside);
  await rename(folder, aside).catch((error: unknown) => {
    if (!isErrno(error, "ENOENT") && !isErrno(error, "EXDEV")) throw error;
  });
  await remove(aside);
  await remove(folder);
}

/** The folder of a root instance. The slug comes over the link and must not lead out. */
export function folderOf(root: DataRoot, slug: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(slug)) throw new Error(`not a slug: ${JSON.stringify(slug)}`);
  return join(root.instancesDir, slug);
}

/** Removes links as links, never what they point to. */
function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 });
}
