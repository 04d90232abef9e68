/** Old effects: their output goes after a week, or earlier where there are many; that they were run is known for longer. */
import { readdir, rm } from "node:fs/promises";
import type { DataRoot } from "../host/data-root.ts";
import { dropOutput, filesOf, readTold, takenAtMs } from "./records.ts";

const DAY_MS = 24 * 60 * 60_000;
const OUTPUT_KEPT_MS = 7 * DAY_MS;
/** Beyond so many the oldest lose their output earlier. */
const OUTPUTS_KEPT = 1_000;
/** A call is sent again at most that late: its run waits for its node. */
const ANSWER_KEPT_MS = 90 * DAY_MS;

export async function dropOld(root: DataRoot, nowMs = Date.now()): Promise<void> {
  const entries = await readdir(root.effectsDir, { withFileTypes: true });
  const dated = await Promise.all(
    entries
      .filter((one) => one.isDirectory())
      .map(async ({ name }) => ({
        files: filesOf(root, name),
        ageMs: nowMs - ((await takenAtMs(filesOf(root, name))) ?? nowMs),
      })),
  );
  const oldestLast = dated.toSorted((one, other) => one.ageMs - other.ageMs);
  for (const [place, { files, ageMs }] of oldestLast.entries()) {
    if (ageMs <= OUTPUT_KEPT_MS && place < OUTPUTS_KEPT) continue;
    // One that nothing was told of may still run.
    if (!(await readTold(files))) continue;
    if (ageMs > ANSWER_KEPT_MS) await rm(files.dir, { recursive: true, force: true });
    else await dropOutput(files);
  }
}
