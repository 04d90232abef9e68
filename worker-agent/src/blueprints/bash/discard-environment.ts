/** Has an instance's environment made anew at its launch, as AiKore's scripts expect it to be asked for. */
import { join } from "node:path";
import { parseBashMetadata } from "@roundhouse/protocol/blueprint";
import type { DataRoot } from "../../host/data-root.ts";
import { openFolder } from "../../files/folder.ts";
import { removeFolder } from "../../instances/removal.ts";
import { statePaths } from "../../instances/state-file.ts";
import type { AppUser, Family } from "../runtime.ts";
import { writeOwned } from "../owned-file.ts";

/** What `clean_env` looks for beside the environment (library.ts). */
const TRIGGER = ".rebuild-env";
const DEFAULT_VENV_PATH = "./env";

/** A script that never looks for the trigger would keep its environment for ever: that is taken away here. */
export async function discardEnvironment(
  { root, instance, user }: Family & { root: DataRoot; user: AppUser | null },
  confDir: string,
  script: string,
): Promise<void> {
  const parts = partsOf(parseBashMetadata(script)?.venvPath ?? DEFAULT_VENV_PATH);
  const name = parts.pop();
  if (name === undefined) return;
  const folder = await openFolder({ base: confDir, parts });
  if (!folder) return;
  try {
    if (/\bclean_env\b/.test(script)) await writeOwned(folder.at(TRIGGER), "", 0o644, user);
    else await removeFolder(folder.at(name), join(statePaths(root, instance.id).dir));
  } finally {
    await folder.close();
  }
}

/** Nothing for a path that leads out: such an environment is not the instance's own. */
function partsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return path.startsWith("/") || parts.includes("..") ? [] : parts;
}
