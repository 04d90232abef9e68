/** Taking a job so that no second keeper ever does. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isErrno, syncFolder, whenMissing } from "./durable-file.ts";
import type { KeeperSpec } from "./spec.ts";

/** The spec of what a keeper runs or ran last, for people who look; it holds the environment, so mode 0600 as it came. */
export const TAKEN_SPEC = "running.json";
/** Made once for each effect, by whoever decides whether its child ever starts; its word says who that was. */
const START_RECORD = "begun";

/**
 * True for exactly one keeper. An instance's job is taken by renaming its spec (an agent takes it back by removing the
 * spec), an effect's by making its folder: once made, that effect is never run again.
 */
export async function claimJob(spec: KeeperSpec, specFile: string): Promise<boolean> {
  if (spec.kind === "effect" && !(await claimEffect(spec.dir))) return false;
  try {
    await rename(specFile, join(spec.dir, TAKEN_SPEC));
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** Makes an effect's folder: true for exactly one, a keeper that will run it or an agent that sees to it that none does. */
export async function claimEffect(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
  await syncFolder(dirname(dir));
  return true;
}

/**
 * The last step before an effect's child starts. True for the keeper: it may start it. True for an agent whose keeper is
 * dead: nothing was started, and nothing will be.
 */
export async function decideStart(dir: string, who: "keeper" | "agent"): Promise<boolean> {
  try {
    const file = await open(join(dir, START_RECORD), "wx", 0o600);
    try {
      await file.writeFile(who);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, "EEXIST")) return who === "agent" && (await starterOf(dir)) === "agent";
    throw error;
  }
  await syncFolder(dir);
  return true;
}

async function starterOf(dir: string): Promise<string | undefined> {
  return readFile(join(dir, START_RECORD), "utf8").catch(whenMissing);
}
