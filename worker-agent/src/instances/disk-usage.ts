/** How much disk an instance's folder takes, measured without getting in the way. */
import { spawn } from "node:child_process";
import { setPriority } from "node:os";

const LIMIT_MS = 60_000;
const BYTES_PER_KIB = 1024;
const LOWEST_PRIORITY = 19;

/** One measuring at a time for the whole node. */
let last: Promise<unknown> = Promise.resolve();

/** Bytes on disk below `dir`, without following links; null when that cannot be said (no folder, no `du`, too slow). */
export function measureDisk(dir: string): Promise<number | null> {
  const result = last.then(() => runDu(dir));
  last = result;
  return result;
}

function runDu(dir: string): Promise<number | null> {
  return new Promise((done) => {
    const du = spawn("du", ["-sk", "--", dir], { stdio: ["ignore", "pipe", "ignore"], timeout: LIMIT_MS });
    let text = "";
    if (du.pid !== undefined) lowerPriority(du.pid);
    du.stdout.setEncoding("utf8");
    du.stdout.on("data", (chunk: string) => (text += chunk));
    du.once("error", () => done(null));
    // Exit code 1 is usual while files come and go; the sum is still good.
    du.once("close", (_code, signal) => {
      const kib = /^\d+/.exec(text)?.[0];
      done(kib === undefined || signal ? null : Number(kib) * BYTES_PER_KIB);
    });
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, LOWEST_PRIORITY);
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
