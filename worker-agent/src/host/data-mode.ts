/** How much the agent can do with the disk it has: everything, only what runs already, or nothing that writes. */
import type { Hosting } from "@roundhouse/protocol/facts";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDisk } from "./machine.ts";

export type DataMode = Hosting["mode"];
type LimitedMode = Exclude<DataMode, { mode: "full" }>;

/** Below this nothing new is begun, so that what runs keeps some room for its logs and records. */
const LEAST_FREE_MIB = 256;

/** A page: less might fit into a file's own record even when the disk is full. */
const TRIAL = Buffer.alloc(4096);
const FULL_CODES = new Set(["ENOSPC", "EDQUOT"]);
/** The last four: a network volume that went away, or a disk that died, takes nothing either. */
const CLOSED_CODES = new Set(["EROFS", "EACCES", "EPERM", "ENOENT", "EIO", "ESTALE", "ENOTCONN"]);

let trials = 0;

/** Looks by writing a page and by the free space. */
export async function readDataMode(path: string): Promise<DataMode> {
  const obstacle = await tryWriting(path);
  if (obstacle) return obstacle;
  const { freeBytes } = await readDisk(path);
  if (freeBytes >= LEAST_FREE_MIB * 1024 ** 2) return { mode: "full" };
  return { mode: "minimal", reason: `less than ${LEAST_FREE_MIB} MiB are free on the disk of ${path}` };
}

/** What keeps a folder from taking so much as a page. */
export async function tryWriting(path: string): Promise<LimitedMode | undefined> {
  // Several launches may look at one moment: none may take away what another one has just written.
  const trial = join(path, `.trial-${process.pid}-${(trials += 1)}`);
  try {
    await writeFile(trial, TRIAL, { mode: 0o600 });
    await rm(trial);
    return undefined;
  } catch (error) {
    const obstacle = limitedModeFor(error, path);
    // A full disk may take a file's name all the same.
    if (obstacle.mode === "minimal") await rm(trial, { force: true });
    return obstacle;
  }
}

/** What an error of the disk means; any other error goes on. */
export function limitedModeFor(error: unknown, path: string): LimitedMode {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (FULL_CODES.has(code)) return { mode: "minimal", reason: `the disk of ${path} is full (${code})` };
  if (CLOSED_CODES.has(code)) return { mode: "read-only", reason: `${path} cannot be written (${code})` };
  throw error;
}

/** For the terminal. */
export function describeMode(mode: DataMode): string {
  switch (mode.mode) {
    case "full":
      return "the disk takes new apps";
    case "minimal":
      return `minimal mode: ${mode.reason}; nothing new is installed, what runs goes on`;
    case "read-only":
      return `read-only mode: ${mode.reason}; nothing is launched`;
  }
}
