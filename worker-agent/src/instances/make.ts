/** Makes an instance's folder from its origin: a copy of another one's, or what lies in the trash. Whole, or not at all. */
import { spawn } from "node:child_process";
import { chown, lstat, mkdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { DesiredInstance, Origin } from "@roundhouse/protocol/instance";
import { isClosed } from "../blueprints/folders.ts";
import { writeOwned } from "../blueprints/owned-file.ts";
import { type AppUser, LaunchError } from "../blueprints/runtime.ts";
import { relocateFolder } from "../environments/relocate-folder.ts";
import type { DataRoot } from "../host/data-root.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import { homeOfEntry, readTrashRecord, trashPath, trashRecordPath } from "../trash/record.ts";
import { measureDisk } from "./disk-usage.ts";
import { draftOf, folderOf, removeFolder } from "./removal.ts";
import { statePaths } from "./state-file.ts";

export type Making = {
  root: DataRoot;
  instance: DesiredInstance & { origin: Origin };
  user: AppUser | null;
  /** The folder of another instance, as long as it has one. */
  sourceFolder: (id: string) => string | undefined;
  isRunning: (id: string) => boolean;
  /** Called with bytes: how far a copy is, and of how much. */
  onProgress: (copied: number, total: number) => void;
  signal: AbortSignal;
};

const PROGRESS_INTERVAL_MS = 1_000;
const FOLDER_MODE = 0o755;
const CLOSED_MODE = 0o700;
const MAX_STDERR = 8 * 1024;

/** Safe to repeat after a crash at any moment. Throws `LaunchError`, and what `signal` says when it is aborted. */
export async function makeFromOrigin(making: Making): Promise<void> {
  const { root, instance } = making;
  const to = folderOf(root, instance.folder);
  // Made already, by an agent that was killed before it could say so.
  if ((await lstat(to).catch(whenMissing)) !== undefined) return;
  const { origin } = instance;
  switch (origin.kind) {
    case "copy":
      return copy(making, origin.of, to);
    case "trash":
      return restore(making, origin.entry, to);
    default:
      return unreachable(origin);
  }
}

async function copy(making: Making, of: string, to: string): Promise<void> {
  const { root, instance, user } = making;
  const from = making.sourceFolder(of);
  if (from === undefined) {
    throw new LaunchError(
      "origin_gone",
      "what it was to be a copy of is gone, or was never installed",
      "Delete this one, and copy another instance.",
    );
  }
  const closes = isClosed(instance);
  if (closes && making.isRunning(of)) {
    const why = "it runs: a container could put links before what copies it";
    throw new LaunchError("copy_failed", `it could not be copied: ${why}`, "Stop it, then start the copy.");
  }
  const totalBytes = await refuseWithoutRoom(root, from);
  const draft = draftOf(root, instance.id);
  await removeFolder(draft, statePaths(root, instance.id).dir);
  await mkdir(draft, { mode: closes ? CLOSED_MODE : FOLDER_MODE });
  if (user && !closes) await chown(draft, user.uid, user.gid);
  await copyTree({ from, draft, totalBytes, making });
  await settle(making, draft, { from, to });
}

/** The disk must hold it twice; a file system that shares blocks needs less, but does not say so beforehand. */
async function refuseWithoutRoom(root: DataRoot, from: string): Promise<number> {
  const needed = (await measureDisk(from)) ?? 0;
  const { bavail, bsize } = await statfs(root.path);
  const free = bavail * bsize;
  if (needed <= free) return needed;
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  throw diskFull(`the copy needs ${gib(needed)}, and the node's disk has ${gib(free)} free`);
}

function diskFull(message: string): LaunchError {
  return new LaunchError("disk_full", message, "Delete what is not needed there, then start it.");
}

type CopyTree = { from: string; draft: string; totalBytes: number; making: Making };

/**
 * As the app's user, so that it reaches nothing that the app could not; a folder that is closed to that user as the agent's,
 * with its owners, while nothing runs that could move links about in it. Links stay links.
 */
async function copyTree({ from, draft, totalBytes, making }: CopyTree): Promise<void> {
  const { instance, user, signal, onProgress } = making;
  const timer = setInterval(() => {
    void measureDisk(draft).then((bytes) => bytes !== null && onProgress(bytes, totalBytes));
  }, PROGRESS_INTERVAL_MS);
  onProgress(0, totalBytes);
  try {
    const args = ["-a", "--reflink=auto", "--", `${from}/.`, draft];
    const failure = await runCopy(args, isClosed(instance) ? null : user, signal);
    signal.throwIfAborted();
    if (failure?.includes("No space left on device")) throw diskFull(failure);
    if (failure !== undefined) {
      throw new LaunchError("copy_failed", `it could not be copied: ${failure}`, "Start it to try again.");
    }
  } finally {
    clearInterval(timer);
  }
}

/** Undefined when all is copied. Files that went away meanwhile, as those of a running app do, are no failure. */
function runCopy(args: string[], user: AppUser | null, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((done, fail) => {
    const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C" };
    const cp = spawn("cp", args, { cwd: "/", stdio: ["ignore", "ignore", "pipe"], env, ...user });
    const abort = (): void => void cp.kill("SIGKILL");
    signal.addEventListener("abort", abort, { once: true });
    let stderr = "";
    cp.stderr.setEncoding("utf8");
    cp.stderr.on("data", (text: string) => (stderr = (stderr + text).slice(0, MAX_STDERR)));
    cp.once("error", fail);
    cp.once("close", (code) => {
      signal.removeEventListener("abort", abort);
      const said = stderr.split("\n").filter((line) => line !== "" && !line.endsWith("No such file or directory"));
      done(code === 0 || (stderr !== "" && said.length === 0) ? undefined : (said[0] ?? `cp ended with ${code}`));
    });
  });
}

async function restore(making: Making, entry: string, to: string): Promise<void> {
  const { root, instance } = making;
  const draft = draftOf(root, instance.id);
  const record = await readTrashRecord(root, entry);
  const isTaken = (await lstat(draft).catch(whenMissing)) !== undefined;
  if (record === undefined || (!isTaken && (await lstat(trashPath(root, entry)).catch(whenMissing)) === undefined)) {
    throw new LaunchError("origin_gone", `there is no ${JSON.stringify(entry)} in the trash of this node any more`);
  }
  if (!isTaken) await rename(trashPath(root, entry), draft);
  await rename(homeOfEntry(root, entry), join(root.homeDir, instance.folder)).catch(whenMissing);
  await settle(making, draft, { from: folderOf(root, record.desired.folder), to });
  await rm(trashRecordPath(root, entry), { force: true });
}

/** The last step: from here on the folder is there. */
async function settle({ instance, user }: Making, draft: string, move: { from: string; to: string }): Promise<void> {
  // A container sees its folder where it always did.
  const stuck = isClosed(instance) ? [] : await relocateFolder(draft, move);
  // An environment that cannot work here is made anew by the script.
  if (stuck.length > 0) await writeOwned(join(draft, ".rebuild-env"), `${stuck.join("\n")}\n`, 0o644, user);
  await rename(draft, move.to);
}
