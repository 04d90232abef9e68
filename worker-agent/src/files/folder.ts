/**
 * A folder held open, and the way to it. What lies below a root is its app's, which may put links there at any moment:
 * so each level is opened without following one, and from the level above by its descriptor (Node has no openat; a path
 * through /proc/self/fd is one). On a system without /proc each level is opened by its path and then compared with the
 * real one: a link is refused there, too, but one that comes and goes at the very moment might not be noticed.
 */
import { constants, existsSync, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import { FileProblem } from "./problem.ts";

/**
 * A folder that the agent trusts the way to, and what is to be walked from there without following links. A closed one is
 * entered by nobody but the agent, and what lies there must not come to where others reach it.
 */
export type Place = { base: string; parts: string[]; isClosed?: boolean };

const FOLDER_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FOLDER_MODE = 0o755;
const HAS_DESCRIPTOR_PATHS = existsSync("/proc/self/fd");

export class Folder {
  readonly #handle: FileHandle;
  readonly #path: string;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** Throws ENOTDIR or ELOOP for what is no folder, or a link to one. */
  static async open(path: string | Buffer, truePath: string): Promise<Folder> {
    const handle = await open(path, FOLDER_FLAGS);
    if (HAS_DESCRIPTOR_PATHS || (await realpath(path)) === truePath) return new Folder(handle, truePath);
    await handle.close();
    throw Object.assign(new Error(`ELOOP: ${truePath} is not where it seems to be`), { code: "ELOOP" });
  }

  /** The path of a name in it, whatever becomes of the folder's own path meanwhile. The name was checked. */
  at(name: string): string;
  /** A name as the disk has it, which need not be UTF-8. */
  at(name: Buffer): Buffer;
  at(name: string | Buffer): string | Buffer {
    return typeof name === "string" ? join(this.#here, name) : Buffer.concat([Buffer.from(`${this.#here}/`), name]);
  }

  get #here(): string {
    return HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${this.#handle.fd}` : this.#path;
  }

  /** The folder of that name in it. */
  enter(name: string | Buffer): Promise<Folder> {
    const path = typeof name === "string" ? this.at(name) : this.at(name);
    return Folder.open(path, join(this.#path, name.toString()));
  }

  /** The names in it, as the disk has them. */
  names(): Promise<Buffer[]> {
    return readdir(this.#here, { encoding: "buffer" });
  }

  async make(name: string, user: AppUser | null): Promise<Folder> {
    await mkdir(this.at(name), { mode: FOLDER_MODE });
    const made = await this.enter(name);
    if (user) await made.#handle.chown(user.uid, user.gid);
    return made;
  }

  /** A new name in it survives a power cut from here on. Some network volumes cannot. */
  async sync(): Promise<void> {
    await this.#handle.sync().catch((error: unknown) => {
      if (!isErrno(error, "EINVAL") && !isErrno(error, "ENOTSUP")) throw error;
    });
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Opens a folder; undefined when it is not there. The caller closes it. */
export function openFolder(place: Place): Promise<Folder | undefined> {
  return walk(place, async () => undefined, "not_a_file");
}

/** Opens a folder, and makes what is missing for `user`. The caller closes it. */
export async function makeFolder(place: Place, user: AppUser | null): Promise<Folder> {
  const make = (above: Folder, name: string): Promise<Folder> =>
    above.make(name, user).catch((error: unknown) => {
      if (!isErrno(error, "EEXIST")) throw error;
      return above.enter(name);
    });
  return walk(place, make, "file_exists") as Promise<Folder>;
}

/** What bears a name in a folder: undefined for nothing, also where the folder itself is not there yet. */
export async function lookUp(place: Place, name: string): Promise<Stats | undefined> {
  const folder = await walk(place, async () => undefined, "file_exists");
  if (!folder) return undefined;
  try {
    return await lstat(folder.at(name)).catch(whenMissing);
  } finally {
    await folder.close();
  }
}

async function walk(
  { base, parts }: Place,
  whenAbsent: (above: Folder, name: string) => Promise<Folder | undefined>,
  refusal: "not_a_file" | "file_exists",
): Promise<Folder | undefined> {
  let folder: Folder | undefined = await openBase(base);
  for (const [depth, part] of parts.entries()) {
    const above: Folder = folder;
    try {
      folder = (await above.enter(part).catch(whenMissing)) ?? (await whenAbsent(above, part));
    } catch (error) {
      throw isErrno(error, "ENOTDIR") || isErrno(error, "ELOOP") ? inTheWay(refusal, parts.slice(0, depth + 1)) : error;
    } finally {
      await above.close();
    }
    if (!folder) return undefined;
  }
  return folder;
}

async function openBase(base: string): Promise<Folder> {
  const truePath = HAS_DESCRIPTOR_PATHS ? base : await realpath(base).catch(whenMissing);
  const folder = truePath === undefined ? undefined : await Folder.open(base, truePath).catch(whenMissing);
  if (folder) return folder;
  throw new FileProblem("not_installed", "The instance has no folder on its node.", "Start it once.");
}

function inTheWay(refusal: "not_a_file" | "file_exists", parts: string[]): FileProblem {
  return new FileProblem(
    refusal,
    `${JSON.stringify(parts.join("/"))} is in the way: it is no folder, and links are not followed.`,
    "Give another path.",
  );
}
