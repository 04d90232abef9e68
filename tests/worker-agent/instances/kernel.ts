/** What only a kernel can do: running out of memory, a process that nothing can end, a folder that nobody can move. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "./harness.ts";

/** Sets the marks of a file system (e2fsprogs). */
const CHATTR = "/usr/bin/chattr";
const V1_MEMORY = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";
const FREEZER = "/sys/fs/cgroup/freezer";

/** Control groups: both need root and a kernel that lets root make groups. */
export const CAN_LIMIT_MEMORY =
  isWritable(`${V1_MEMORY}/memory.limit_in_bytes`) || isWritable(`${V2}/cgroup.subtree_control`);
export const CAN_PIN = canPin();
export const CAN_FREEZE = isWritable(`${FREEZER}/cgroup.procs`);

/** A group with that much memory; a shell joins it with `echo $$ > <dir>/cgroup.procs`. */
export async function makeMemoryGroup(
  name: string,
  bytes: number,
): Promise<{ procs: string; remove(): Promise<void> }> {
  const isV1 = existsSync(V1_MEMORY);
  const dir = join(isV1 ? V1_MEMORY : V2, name);
  await mkdir(dir);
  await writeFile(join(dir, isV1 ? "memory.limit_in_bytes" : "memory.max"), String(bytes));
  return { procs: join(dir, "cgroup.procs"), remove: () => removeGroup(dir) };
}

/** Stops a process where even SIGKILL waits, until it is released. */
export async function freeze(name: string, pid: number): Promise<{ release(): Promise<void> }> {
  const dir = join(FREEZER, name);
  await mkdir(dir);
  await writeFile(join(dir, "cgroup.procs"), String(pid));
  await writeFile(join(dir, "freezer.state"), "FROZEN");
  await waitFor(async () => (await readFile(join(dir, "freezer.state"), "utf8")).trim() === "FROZEN");
  return {
    release: async () => {
      await writeFile(join(dir, "freezer.state"), "THAWED");
      await removeGroup(dir);
    },
  };
}

/** The kernel takes a group away once the last of its processes is gone. */
async function removeGroup(dir: string): Promise<void> {
  await waitFor(() =>
    rmdir(dir).then(
      () => true,
      () => false,
    ),
  );
}

/** Keeps a folder where it is, even from root, until released. */
export function pin(folder: string): () => void {
  if (spawnSync(CHATTR, ["+i", folder]).status !== 0) throw new Error(`cannot pin ${folder}`);
  return () => void spawnSync(CHATTR, ["-i", folder]);
}

function canPin(): boolean {
  const trial = mkdtempSync(join(tmpdir(), "rh-pin-"));
  const can = spawnSync(CHATTR, ["+i", trial]).status === 0;
  spawnSync(CHATTR, ["-i", trial]);
  rmdirSync(trial);
  return can;
}

function isWritable(path: string): boolean {
  return process.getuid?.() === 0 && existsSync(path);
}
