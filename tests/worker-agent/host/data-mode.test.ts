import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDataMode } from "../../../worker-agent/src/host/data-mode.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roundhouse-mode-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("what the agent can do with its disk", () => {
  it("is everything to each of many that look at one moment, and none leaves a trial behind", async () => {
    const seen = new Set<string>();
    const goOnLooking = async (): Promise<void> => {
      for (let looks = 0; looks < 100; looks++) seen.add((await readDataMode(folder)).mode);
    };
    await Promise.all(Array.from({ length: 8 }, goOnLooking));
    expect([...seen]).toEqual(["full"]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is nothing where there is no folder, and says why", async () => {
    const gone = join(folder, "gone");
    expect(await readDataMode(gone)).toEqual({ mode: "read-only", reason: `${gone} cannot be written (ENOENT)` });
  });
});
