/** Other people's programs: where they are, and running one for its answer within a time limit. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

export type ProgramResult =
  | { kind: "missing" }
  /** It did not end in time and was killed. */
  | { kind: "hung" }
  | { kind: "ended"; code: number; stdout: string; stderr: string };

/** How long a tool that only reports may take; a GPU driver in trouble makes its tool hang for ever. */
const REPORT_LIMIT_MS = 5_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** The absolute path of a program on `path`, or undefined. */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  for await (const found of findPrograms(name, path)) return found;
  return undefined;
}

/** Every program of that name on `path`, the first first. */
export async function* findPrograms(name: string, path: string | undefined): AsyncGenerator<string> {
  for (const dir of (path ?? "").split(delimiter).filter(isAbsolute)) {
    const candidate = join(dir, name);
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) yield candidate;
  }
}

/** Runs a program and gives what it printed. Never throws: a missing, hanging or failing tool is an answer too. */
export function runProgram(
  command: string,
  args: string[],
  options: { limitMs?: number; uid?: number; gid?: number; env?: Record<string, string> } = {},
): Promise<ProgramResult> {
  const { limitMs = REPORT_LIMIT_MS, ...rest } = options;
  return new Promise((done) => {
    execFile(
      command,
      args,
      { timeout: limitMs, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT_BYTES, cwd: "/", ...rest },
      (error, stdout, stderr) => {
        if (!error) return done({ kind: "ended", code: 0, stdout, stderr });
        if (error.code === "ENOENT") return done({ kind: "missing" });
        if (error.killed) return done({ kind: "hung" });
        const code = typeof error.code === "number" ? error.code : 1;
        done({ kind: "ended", code, stdout, stderr: stderr || error.message });
      },
    );
  });
}
