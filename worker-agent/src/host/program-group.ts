/** A program run for its answer whose children end with it: one that was given too little time leaves nothing behind. */
import { spawn } from "node:child_process";
import { isErrno } from "../keeper/durable-file.ts";
import type { ProgramResult } from "./programs.ts";

/** What is printed beyond is left out. */
const MAX_OUTPUT_CHARS = 4 * 1024 * 1024;

type GroupOptions = { limitMs: number; uid?: number; gid?: number; env: Record<string, string> };

/** Like `runProgram`, in a process group of its own, which is killed at the limit and when the program has ended. */
export function runProgramGroup(command: string, args: string[], options: GroupOptions): Promise<ProgramResult> {
  const { limitMs, ...rest } = options;
  return new Promise((done) => {
    const child = spawn(command, args, { ...rest, cwd: "/", detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (printed[name].length < MAX_OUTPUT_CHARS) printed[name] += text;
      });
    }
    const limit = setTimeout(() => {
      killGroup(child.pid);
      // One that is stuck in the kernel, or has let a child go its own way with the pipes, is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
      done({ kind: "hung" });
    }, limitMs);
    child.once("error", () => {
      clearTimeout(limit);
      done({ kind: "missing" });
    });
    // Children that live on would keep the pipes open.
    child.once("exit", () => killGroup(child.pid));
    child.once("close", (code) => {
      clearTimeout(limit);
      done({ kind: "ended", code: code ?? 1, ...printed });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch (error) {
    // Nothing of it is left.
    if (!isErrno(error, "ESRCH")) throw error;
  }
}
