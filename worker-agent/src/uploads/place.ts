/** Moves a finished part into its place, also where that lies on another disk; never through a link. */
import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { basename } from "node:path";
import type { AppUser } from "../blueprints/runtime.ts";
import type { Folder } from "../files/folder.ts";
import { FILE_MODE, give, moveFile, NEW_FILE_FLAGS } from "../files/move.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";

const COPY_BYTES = 1024 * 1024;

export type Placing = {
  part: string;
  folder: Folder;
  filename: string;
  overwrite: boolean;
  user: AppUser | null;
};

/** Safe to repeat after a crash in the middle. Throws `file_exists`. */
export async function placeFile({ part, folder, filename, overwrite, user }: Placing): Promise<void> {
  const source = await open(part, constants.O_RDWR | constants.O_NOFOLLOW).catch(whenMissing);
  // Only a move takes the part away: an earlier try got this far.
  if (!source) return;
  try {
    await give(source, user);
    const target = folder.at(filename);
    await moveFile(part, target, overwrite).catch(async (error: unknown) => {
      if (!isErrno(error, "EXDEV")) throw error;
      // The instance's folder lies on another disk than the agent's state.
      const copy = folder.at(`.${basename(part)}`);
      await copyTo(source, copy, user);
      await moveFile(copy, target, overwrite);
      await rm(part);
    });
    await folder.sync();
  } finally {
    await source.close();
  }
}

async function copyTo(source: FileHandle, path: string, user: AppUser | null): Promise<void> {
  // Left by a try that was cut short.
  await rm(path, { force: true });
  const copy = await open(path, NEW_FILE_FLAGS, FILE_MODE);
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = 0; ;) {
      const { bytesRead } = await source.read(buffer, 0, COPY_BYTES, at);
      if (bytesRead === 0) break;
      await copy.writeFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    await give(copy, user);
  } finally {
    await copy.close();
  }
}
