/** Descriptors this process got from whoever started it and would pass on without knowing. */
import { readdir, readFile } from "node:fs/promises";
import { isGone } from "../host/absent.ts";

const FIRST_AFTER_STDIO = 3;
/** O_CLOEXEC, as /proc/<pid>/fdinfo prints it, in octal. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * The stdio list of a child that gets nothing but `nullFd` (an open /dev/null). Node closes its own descriptors on exec,
 * but not what a shell or npm left open: a keeper that held on to such a pipe would keep its reader waiting for ever.
 */
export async function closedStdio(nullFd: number): Promise<(number | "ignore")[]> {
  const names = (await readdir("/proc/self/fdinfo").catch(isGone)) ?? [];
  const stdio: (number | "ignore")[] = ["ignore", "ignore", "ignore"];
  for (const fd of names.map(Number).toSorted((a, b) => a - b)) {
    if (fd < FIRST_AFTER_STDIO || fd === nullFd || !(await isPassedOn(fd))) continue;
    while (stdio.length < fd) stdio.push("ignore");
    stdio[fd] = nullFd;
  }
  return stdio;
}

async function isPassedOn(fd: number): Promise<boolean> {
  const info = await readFile(`/proc/self/fdinfo/${fd}`, "utf8").catch(isGone);
  const flags = /^flags:\s*([0-7]+)$/m.exec(info ?? "")?.[1];
  return flags !== undefined && (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
}
