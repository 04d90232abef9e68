/** Where conda is on this host. */
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CONDA_PLACES } from "../../environments/conda-places.ts";
import { findProgram, runProgram } from "../../host/programs.ts";
import type { AppUser } from "../runtime.ts";

const BIN_DIRS = new Set(["bin", "condabin"]);

/** conda's base folder: the node's own, else the host's, if `user` can run it. */
export async function findCondaDir(
  ownDir: string,
  path: string | undefined,
  user: AppUser | null,
): Promise<string | undefined> {
  for (const dir of [ownDir, ...CONDA_PLACES, ...(await baseOnPath(path))]) {
    if (await canRun(join(dir, "bin/conda"), user)) return dir;
  }
  return undefined;
}

async function baseOnPath(path: string | undefined): Promise<string[]> {
  const found = await findProgram("conda", path);
  if (!found) return [];
  return [found, await realpath(found)]
    .filter((one) => BIN_DIRS.has(basename(dirname(one))))
    .map((one) => dirname(dirname(one)));
}

async function canRun(program: string, user: AppUser | null): Promise<boolean> {
  const isThere = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isThere || !user) return isThere;
  const result = await runProgram("/bin/sh", ["-c", 'test -x "$1"', "sh", program], { ...user });
  return result.kind === "ended" && result.code === 0;
}
