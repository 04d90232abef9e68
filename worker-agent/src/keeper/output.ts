/** The pipe from an app's stdout and stderr to its keeper. */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { chown, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { KeeperSpec } from "./spec.ts";

export type OutputPipe = {
  readable: Socket;
  /** Both output streams of the child. */
  childFd: number;
  /** The keeper's copy must go once the child has its own, or the pipe never ends. */
  closeChildEnd(): void;
};

/**
 * One real pipe for both streams. Node's own "pipe" is a socket pair: `echo x >/dev/stderr` in a script fails on it
 * (ENXIO), and two of them lose the order of lines. Node cannot make a pipe(2), so it is a FIFO without a name.
 */
export async function openOutput(dir: string, user: KeeperSpec["user"]): Promise<OutputPipe> {
  const path = join(dir, `output-${process.pid}`);
  await rm(path, { force: true });
  await promisify(execFile)("mkfifo", ["-m", "600", path]);
  try {
    // A program that reopens /dev/stdout is checked against the FIFO's owner, as with any file.
    if (user) await chown(path, user.uid, user.gid);
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const childFd = openSync(path, constants.O_WRONLY);
    const readable = new Socket({ fd: readFd, readable: true, writable: false });
    return { readable, childFd, closeChildEnd: () => closeSync(childFd) };
  } finally {
    await rm(path, { force: true });
  }
}
