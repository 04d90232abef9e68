/** Programs that are run with their children. */
import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { runProgramGroup } from "../../../worker-agent/src/host/program-group.ts";

const env = { PATH: process.env["PATH"] ?? "" };
const bash = (script: string, limitMs = 10_000, ...more: string[]) =>
  runProgramGroup("bash", ["-c", script, "bash", ...more], { limitMs, env });

it("answers with what was printed, and with how it ended", async () => {
  expect(await bash("echo out; echo err >&2; exit 3")).toEqual({
    kind: "ended",
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  expect(await runProgramGroup("/nowhere/program", [], { limitMs: 1_000, env })).toEqual({ kind: "missing" });
});

it.each([
  ["is given up", "sleep 300 & echo $! > $1; wait", "hung"],
  ["has ended", "sleep 300 & echo $! > $1", "ended"],
])("leaves no child behind when the program %s", async (_, script, kind) => {
  const dir = await mkdtemp(join(tmpdir(), "program-group-"));
  expect((await bash(script, 2_000, join(dir, "pid"))).kind).toBe(kind);
  const pid = (await readFile(join(dir, "pid"), "utf8")).trim();
  const state = async () => /State:\s+(\w)/.exec(await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""))?.[1];
  // Where nobody waits for orphans they stay as zombies.
  await vi.waitFor(async () => expect(["Z", undefined]).toContain(await state()));
  await rm(dir, { recursive: true });
});
