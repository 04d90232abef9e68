/** The folder of jobs, made over to the user that their programs run as. */
import { chown } from "node:fs/promises";
import type { AppUser } from "../blueprints/runtime.ts";
import { limitedModeFor } from "../host/data-mode.ts";
import type { DataRoot } from "../host/data-root.ts";

/** A disk that takes nothing keeps no node from serving. */
export async function giveWorkspace(root: DataRoot, user: AppUser | null): Promise<void> {
  if (!user) return;
  try {
    await chown(root.workspaceDir, user.uid, user.gid);
  } catch (error) {
    limitedModeFor(error, root.path);
  }
}
