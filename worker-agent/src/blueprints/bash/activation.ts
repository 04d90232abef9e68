/** An environment with the app's own Python in front, as `activate` would make it. */
import { stat } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { isGone } from "../../host/absent.ts";

/** What scripts call it that do not name it in their header. */
const USUAL_NAMES = ["env", "venv", ".venv"];

/** `script` is the text of launch.sh, whose header may name the folder (`# aikore.venv_path = ./env`). */
export async function activated(
  env: Record<string, string>,
  confDir: string,
  script: string | undefined,
): Promise<Record<string, string>> {
  const named = /^#\s*aikore\.venv_path\s*=\s*(\S+)\s*$/m.exec(script ?? "")?.[1];
  for (const name of named === undefined ? USUAL_NAMES : [named, ...USUAL_NAMES]) {
    const folder = join(confDir, name);
    const kind = await kindOf(folder);
    if (kind) return { ...env, PATH: [join(folder, "bin"), env["PATH"]].join(delimiter), ...marksOf(kind, folder) };
  }
  return env;
}

async function kindOf(folder: string): Promise<"venv" | "conda" | undefined> {
  const isThere = async (name: string) => (await stat(join(folder, name)).catch(isGone)) !== undefined;
  if (await isThere("pyvenv.cfg")) return "venv";
  return (await isThere("conda-meta")) ? "conda" : undefined;
}

/** What pip, conda and prompts look at. */
function marksOf(kind: "venv" | "conda", folder: string): Record<string, string> {
  if (kind === "venv") return { VIRTUAL_ENV: folder, VIRTUAL_ENV_PROMPT: basename(folder) };
  return { CONDA_PREFIX: folder, CONDA_DEFAULT_ENV: folder };
}
