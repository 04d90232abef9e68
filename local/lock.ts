/** One `npm start` per data directory: two runtimes on one SQLite folder would harm it. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTimeOf } from "./process.ts";

/** Another `npm start` uses this data directory. */
export class DataInUse extends Error {}

/** Takes `<data>/start.pid`, or throws {@link DataInUse}. Answers how to give it back. */
export function lockData(data: string): () => void {
  const file = join(data, "start.pid");
  for (;;) {
    try {
      writeFileSync(file, `${process.pid} ${startTimeOf(process.pid)}`, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = holderOf(file);
    if (holder !== undefined) {
      throw new DataInUse(
        `${data} is in use by another npm start (pid ${holder}). Stop that one, or set ROUNDHOUSE_DATA to another folder.`,
      );
    }
    rmSync(file, { force: true });
  }
}

function holderOf(file: string): number | undefined {
  const [pid, startTime] = readFileSync(file, "utf8").split(" ");
  const running = startTimeOf(Number(pid));
  return running !== undefined && String(running) === startTime ? Number(pid) : undefined;
}
