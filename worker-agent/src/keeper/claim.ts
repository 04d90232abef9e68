/** Taking a job so that no second keeper ever does. */
import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isErrno, syncFolder } from "./durable-file.ts";
import type { KeeperSpec } from "./spec.ts";

/** The spec of what a keeper runs or ran last, for people who look; it holds the environment, so mode 0600 as it came. */
const TAKEN_SPEC = "running.json";

/**
 * True for exactly one keeper. An instance's job is taken by renaming its spec (an agent takes it back by removing the
 * spec), an effect's by making its folder: once made, that effect is never run again.
 */
export async function claimJob(spec: KeeperSpec, specFile: string): Promise<boolean> {
  try {
    if (spec.kind === "effect") {
      await mkdir(spec.dir, { mode: 0o700 });
      await syncFolder(dirname(spec.dir));
    }
    await rename(specFile, join(spec.dir, TAKEN_SPEC));
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST") || isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
