/** The programs that make environments, written where launch scripts and the library they load lie: apps can run them only. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeOwned } from "../blueprints/owned-file.ts";
import { CONDA_ACTIVATE, CONDA_DEACTIVATE, CONDA_HOOK, CONDA_PROGRAM } from "./shell/conda.ts";
import { MAKE_ENV } from "./shell/make-env.ts";

const PROGRAM = 0o755;
const READABLE = 0o644;

/** What scripts have at the place of conda's base folder where a host has none. */
const STAND_IN = {
  "bin/conda": { text: CONDA_PROGRAM, mode: PROGRAM },
  "bin/activate": { text: CONDA_ACTIVATE, mode: READABLE },
  "bin/deactivate": { text: CONDA_DEACTIVATE, mode: READABLE },
  "etc/profile.d/conda.sh": { text: CONDA_HOOK, mode: READABLE },
};

export function makeEnvProgram(launchDir: string): string {
  return join(launchDir, "make-env");
}

export async function writeMakeEnv(launchDir: string): Promise<void> {
  await writeOwned(makeEnvProgram(launchDir), MAKE_ENV, PROGRAM, null);
}

export function condaStandIn(launchDir: string): string {
  return join(launchDir, "conda");
}

/** Answers its base folder. */
export async function writeCondaStandIn(launchDir: string): Promise<string> {
  const base = condaStandIn(launchDir);
  for (const [name, { text, mode }] of Object.entries(STAND_IN)) {
    await mkdir(dirname(join(base, name)), { recursive: true, mode: PROGRAM });
    await writeOwned(join(base, name), text, mode, null);
  }
  return base;
}
