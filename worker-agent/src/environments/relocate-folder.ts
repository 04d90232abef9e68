/**
 * Makes the environments of a folder work at the path it will have. The folder is an app's, whose processes may put links
 * into it at any moment: the walk never follows one, and a file is replaced by its name, in one step.
 */
import { constants, type Stats } from "node:fs";
import { lchown, lstat, open, readlink, rename, rm, symlink } from "node:fs/promises";
import * as z from "zod";
import { parseJson } from "@roundhouse/protocol/json";
import { Folder } from "../files/folder.ts";
import { isErrno } from "../keeper/durable-file.ts";
import { relocateBinary, relocateTarget, relocateText } from "./relocate.ts";

export type Move = { from: string; to: string };

/** What could not be made to work there: paths below the folder. Empty when all is well. */
export type Stuck = string[];

/** Files that hold paths, wherever they lie: of pip, of editable installs, and the script a launch begins with. */
const PATH_FILES = /^(?:pyvenv\.cfg|direct_url\.json|launch\.sh|__editable__.*\.py|.*\.(?:pth|egg-link))$/;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const DRAFT = ".roundhouse-relocating";

/** What conda notes of each file that it wrote a path into. */
const CondaRecord = z.object({
  paths_data: z.object({
    paths: z.array(
      z.object({ _path: z.string(), prefix_placeholder: z.string().optional(), file_mode: z.string().optional() }),
    ),
  }),
});

/** `here` is where the folder lies now; its files speak of `from` and shall speak of `to`. Safe to repeat. */
export async function relocateFolder(here: string, move: Move): Promise<Stuck> {
  const stuck: Stuck = [];
  if (move.from === move.to) return stuck;
  const folder = await Folder.open(here, here);
  try {
    await relocateIn(folder, "", move, stuck);
  } finally {
    await folder.close();
  }
  return stuck;
}

async function relocateIn(folder: Folder, path: string, move: Move, stuck: Stuck): Promise<void> {
  const names = (await folder.names()).map((name) => name.toString());
  const isPrograms = path === "bin" || path.endsWith("/bin");
  for (const name of names) {
    const found = await lstat(folder.at(name)).catch(isAway);
    if (found?.isSymbolicLink()) await relocateLink(folder, name, found, move);
    else if (found?.isDirectory()) await relocateBelow(folder, name, path, move, stuck);
    else if (found?.isFile() && (isPrograms || PATH_FILES.test(name))) await relocateFile(folder, name, found, move);
  }
  if (names.includes("conda-meta")) await relocateConda(folder, path, move, stuck);
}

async function relocateBelow(folder: Folder, name: string, path: string, move: Move, stuck: Stuck): Promise<void> {
  const below = await folder.enter(name).catch(isAway);
  if (!below) return;
  try {
    await relocateIn(below, path === "" ? name : `${path}/${name}`, move, stuck);
  } finally {
    await below.close();
  }
}

async function relocateLink(folder: Folder, name: string, found: Stats, move: Move): Promise<void> {
  const target = await readlink(folder.at(name)).catch(isAway);
  const moved = target === undefined ? undefined : relocateTarget(target, move.from, move.to);
  if (moved === undefined) return;
  await rm(folder.at(DRAFT), { force: true });
  await symlink(moved, folder.at(DRAFT));
  await lchown(folder.at(DRAFT), found.uid, found.gid);
  await rename(folder.at(DRAFT), folder.at(name));
}

/** A file of text; programs beside them are left as they are. */
async function relocateFile(folder: Folder, name: string, found: Stats, move: Move): Promise<void> {
  if (found.size > MAX_TEXT_BYTES) return;
  const bytes = await readNamed(folder, name);
  if (!bytes || bytes.includes(0)) return;
  const moved = relocateText(bytes, move.from, move.to);
  if (moved) await replace(folder, name, found, moved);
}

/** `path` is the environment's: what conda wrote its path into is in its own records. */
async function relocateConda(folder: Folder, path: string, move: Move, stuck: Stuck): Promise<void> {
  const from = path === "" ? move.from : `${move.from}/${path}`;
  const to = path === "" ? move.to : `${move.to}/${path}`;
  for (const { file, isBinary } of await condaFiles(folder)) {
    const parts = file.split("/");
    const name = parts.pop();
    if (name === undefined || parts.some((part) => part === "" || part === "." || part === "..")) continue;
    await withFolder(folder, parts, async (parent) => {
      const found = await lstat(parent.at(name)).catch(isAway);
      const bytes = found?.isFile() ? await readNamed(parent, name) : undefined;
      if (!found || !bytes) return;
      const moved = isBinary ? relocateBinary(bytes, from, to) : relocateText(bytes, from, to);
      if (moved === "no_room") stuck.push(path === "" ? file : `${path}/${file}`);
      else if (moved) await replace(parent, name, found, moved);
    });
  }
}

async function condaFiles(folder: Folder): Promise<{ file: string; isBinary: boolean }[]> {
  const files: { file: string; isBinary: boolean }[] = [];
  await withFolder(folder, ["conda-meta"], async (records) => {
    for (const name of (await records.names()).map(String).filter((one) => one.endsWith(".json"))) {
      const record = CondaRecord.safeParse(parseJson((await readNamed(records, name))?.toString() ?? ""));
      if (!record.success) continue;
      for (const { _path: file, prefix_placeholder: placeholder, file_mode: mode } of record.data.paths_data.paths) {
        if (placeholder !== undefined) files.push({ file, isBinary: mode === "binary" });
      }
    }
  });
  return files;
}

/** Does nothing where the way is not there, or leads over a link. */
async function withFolder(from: Folder, parts: readonly string[], work: (folder: Folder) => Promise<void>) {
  const [first, ...rest] = parts;
  if (first === undefined) return work(from);
  const folder = await from.enter(first).catch(isAway);
  if (!folder) return;
  try {
    await withFolder(folder, rest, work);
  } finally {
    await folder.close();
  }
}

async function readNamed(folder: Folder, name: string): Promise<Buffer | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(folder.at(name), flags).catch(isAway);
  if (!file) return undefined;
  try {
    const found = await file.stat();
    // A second name of a file may be somebody else's.
    return found.isFile() && found.nlink === 1 ? await file.readFile() : undefined;
  } finally {
    await file.close();
  }
}

async function replace(folder: Folder, name: string, found: Stats, bytes: Buffer): Promise<void> {
  await rm(folder.at(DRAFT), { force: true, recursive: true });
  const file = await open(folder.at(DRAFT), "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.chown(found.uid, found.gid);
    await file.chmod(found.mode & 0o7777);
  } finally {
    await file.close();
  }
  await rename(folder.at(DRAFT), folder.at(name));
}

/** For `.catch`: gone meanwhile, or a link now. */
function isAway(error: unknown): undefined {
  if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"].some((code) => isErrno(error, code))) return undefined;
  throw error;
}
