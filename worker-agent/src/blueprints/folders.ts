/** The folders of an instance: where they are, and who owns them. */
import { chmod, chown, lstat, lchown, mkdir, realpath, symlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { OwnFolders } from "../files/roots.ts";
import { isGone } from "../host/absent.ts";
import { type DataRoot, whenModesAreNotKept } from "../host/data-root.ts";
import { runProgram } from "../host/programs.ts";
import { badOutputPath, findOutputFolder, outputFolderOf } from "./output-folder.ts";
import { type AppUser, type Family, LaunchError } from "./runtime.ts";

export type InstanceFolders = {
  /** The app itself, its environment and its launch.sh: shared by a satellite with its parent. */
  confDir: string;
  /** Where the script starts. */
  ownDir: string;
  outputDir: string;
  homeDir: string;
};

/** Owner's, group's and everybody's rights; the 1 in front: only its owner may remove a file; the 2: files keep the group. */
const PUBLIC_TMP_MODE = 0o1777;
const SHARED_MODE = 0o3775;
const OPEN_MODE = 0o755;
const PRIVATE_MODE = 0o700;

/** Changing the owner of an environment means 100,000 files and more. */
const CHOWN_LIMIT_MS = 10 * 60_000;

export function instanceFolders({ instance, parent, root }: Family & { root: DataRoot }): InstanceFolders {
  const shared = parent ?? instance;
  return {
    confDir: join(root.instancesDir, shared.folder),
    ownDir: join(root.instancesDir, instance.folder),
    outputDir: outputFolderOf(root, instance),
    homeDir: join(root.homeDir, shared.folder),
  };
}

/** Names that scripts may use below /config, and where they are here. */
export function configDirs(root: DataRoot): Record<string, string> {
  return {
    instances: root.instancesDir,
    outputs: root.outputsDir,
    models: root.modelsDir,
    datasets: root.datasetsDir,
    custom_blueprints: join(root.path, "custom_blueprints"),
    tmp: root.tmpDir,
    trashcan: root.trashDir,
  };
}

/** What stands for /config itself, for names that are only known while a script runs (`/config/$name`). */
export function configDir(root: DataRoot): string {
  return join(root.path, "config");
}

/** Makes what is missing and gives it to `user`. */
export async function makeFolders(folders: InstanceFolders, root: DataRoot, user: AppUser | null): Promise<void> {
  await makeSharedFolders(root, user);
  await giveFolder(folders.confDir, OPEN_MODE, user);
  await giveFolder(folders.ownDir, OPEN_MODE, user);
  await giveFolder(folders.homeDir, PRIVATE_MODE, user);
  await makeOutputFolder(folders.outputDir, root, user);
}

/** Whether its own folder is entered by nobody but the agent: a container may leave programs there that run as root. */
export function isClosed({ blueprint }: Pick<DesiredInstance, "blueprint">): boolean {
  return blueprint.kind === "container";
}

/** What its files are found by; undefined where its output path leads out. */
export function filedIn(root: DataRoot, instance: DesiredInstance, own: string): OwnFolders | undefined {
  const outputs = findOutputFolder(root, instance);
  return outputs === undefined ? undefined : { own, outputs, isClosed: isClosed(instance) };
}

/** As `makeFolders`, for an instance whose folder is closed. */
export async function makeClosedFolders(folders: InstanceFolders, root: DataRoot, user: AppUser | null): Promise<void> {
  await makeSharedFolders(root, user);
  for (const dir of [folders.confDir, folders.ownDir]) await closeFolder(dir);
  await giveFolder(folders.homeDir, PRIVATE_MODE, user);
  await makeOutputFolder(folders.outputDir, root, user);
}

/** Not what lies in it, which belongs to the container. It may have been made before the instance was one. */
export async function closeFolder(path: string): Promise<void> {
  await giveFolder(path, PRIVATE_MODE, null);
  const uid = process.getuid?.();
  if (uid === 0) await lchown(path, 0, 0);
  await chmod(path, PRIVATE_MODE).catch(whenModesAreNotKept);
}

/** Level by level, since a part may be a link that an app left there; the agent does not follow it. */
export async function makeOutputFolder(path: string, root: DataRoot, user: AppUser | null): Promise<void> {
  let dir = root.outputsDir;
  for (const part of relative(root.outputsDir, path).split(sep)) {
    dir = join(dir, part);
    await giveFolder(dir, OPEN_MODE, user);
  }
  const outputs = await realpath(root.outputsDir);
  if ((await realpath(path)) !== join(outputs, relative(root.outputsDir, path))) throw badOutputPath(path);
}

/** Makes a folder that is missing, and gives it to `user`. */
export async function giveFolder(path: string, mode: number, user: AppUser | null): Promise<void> {
  await mkdir(path, { mode }).catch(async (error: unknown) => {
    if ((await lstat(path).catch(isGone)) === undefined) throw error;
  });
  const found = await lstat(path);
  if (!found.isDirectory()) {
    throw new LaunchError(
      "not_a_folder",
      `${path} is in the way: it is not a folder.`,
      "Move it elsewhere and start again.",
    );
  }
  if (!user || found.uid === user.uid) return;
  await lchown(path, user.uid, user.gid);
  // Made when instances still ran as another user.
  const result = await runProgram("chown", ["-Rh", `${user.uid}:${user.gid}`, path], { limitMs: CHOWN_LIMIT_MS });
  if (result.kind !== "ended" || result.code !== 0) {
    throw new LaunchError(
      "not_given",
      `${path} could not be given to uid ${user.uid}.`,
      "See whether its disk is read-only.",
    );
  }
}

/** Folders of all instances. They lie in folders of the agent's, where no app can put a link. */
async function makeSharedFolders(root: DataRoot, user: AppUser | null): Promise<void> {
  const names = configDirs(root);
  const config = configDir(root);
  for (const dir of [config, ...Object.values(names)]) await mkdir(dir, { recursive: true });
  for (const [name, dir] of Object.entries(names)) {
    const link = join(config, name);
    // Two instances may be launched at once on a new node; either one makes it.
    await symlink(relative(config, dir), link).catch(async (error: unknown) => {
      if ((await lstat(link).catch(isGone)) === undefined) throw error;
    });
  }
  if (!user) return;
  await chmod(root.tmpDir, PUBLIC_TMP_MODE);
  for (const dir of [root.modelsDir, root.datasetsDir, config]) {
    await chown(dir, 0, user.gid);
    await chmod(dir, SHARED_MODE);
  }
}
