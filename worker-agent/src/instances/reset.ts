/** Takes an instance's installation away. Its outputs, and what a person put beside it, stay. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { DataRoot } from "../host/data-root.ts";
import { openFolder } from "../files/folder.ts";
import { folderOf, removeFolder } from "./removal.ts";
import { statePaths } from "./state-file.ts";

/** What scripts read and never write (the same names as with AiKore). */
const KEPT = new Set(["launch_args.txt", "parameters.txt", "requirements.txt", "wheels"]);

/** Call only when nothing of its family runs. Safe to repeat. Links are removed, never what they lead to. */
export async function emptyInstallation(root: DataRoot, instance: DesiredInstance): Promise<void> {
  const { dir } = statePaths(root, instance.id);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const folder = await openFolder({ base: folderOf(root, instance.folder), parts: [] });
  try {
    for (const name of (await folder?.names()) ?? []) {
      if (folder && !KEPT.has(name.toString())) await removeFolder(folder.at(name.toString()), dir);
    }
  } finally {
    await folder?.close();
  }
  if (instance.parent === null) await removeFolder(join(root.homeDir, instance.folder), dir);
}
