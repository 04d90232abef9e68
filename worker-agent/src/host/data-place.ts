/** Where the data root lies when nobody says: with the node that is already here, else on what the platform keeps. */
import { existsSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dataRootAt } from "./data-root.ts";
import type { Platform } from "./platforms.ts";
import type { HostView } from "./view.ts";

/** A path as programs on this host use it. */
export async function defaultDataPlace(view: HostView, platform: Platform): Promise<string> {
  const offered = platform.dataRoots(view);
  // A node that began in the usual place stays there: an upgrade does not lose it.
  const inhabited = [...offered, usualPlace(view)].find((path) => holdsNode(view, path));
  if (inhabited) return inhabited;
  for (const path of offered) if (await canHoldApps(join(view.fsRoot, dirname(path)))) return path;
  return usualPlace(view);
}

/** Root's home is closed to the user that apps run under, so root's data lies elsewhere. */
function usualPlace({ uid, home }: HostView): string {
  return uid === 0 ? "/var/lib/worker-agent" : join(home, ".worker-agent");
}

function holdsNode({ fsRoot }: HostView, path: string): boolean {
  return existsSync(dataRootAt(join(fsRoot, path)).nodeFile);
}

/** Apps need links (Python environments, node_modules/.bin), which some network drives cannot hold. Tried for real. */
async function canHoldApps(folder: string): Promise<boolean> {
  const trial = join(folder, `.worker-agent-trial-${process.pid}`);
  try {
    await symlink("nowhere", trial);
    await rm(trial);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
