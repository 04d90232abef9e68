/** What "it is not there" looks like in the errors of the file system and of /proc. */

/** ESRCH: a process that ended while its files were read. EACCES and EPERM: somebody else's. */
const GONE = new Set(["ENOENT", "ENOTDIR", "ESRCH", "EACCES", "EPERM"]);

/** For `.catch`: undefined for what is not there or not ours to see; every other error goes on. */
export function isGone(error: unknown): undefined {
  if (error instanceof Error && "code" in error && GONE.has(String(error.code))) return undefined;
  throw error;
}
