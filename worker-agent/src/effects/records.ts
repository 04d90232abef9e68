/** What is on the disk of an effect: what was wanted, who ran it, how it ended, and what was told of it. */
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ToolCallAnswer } from "@roundhouse/protocol/tool-call";
import * as z from "zod";
import type { DataRoot } from "../host/data-root.ts";
import { TAKEN_SPEC } from "../keeper/claim.ts";
import { readRecord, whenMissing, writeDurably } from "../keeper/durable-file.ts";
import { EffectSpec, EXIT_RECORD, ExitRecord, KEEPER_RECORD, KeeperRecord } from "../keeper/spec.ts";

const RESULT_RECORD = "result.json";

/** The answer as it was told, for ever the same. `digest` is null for a call that was cancelled before it came. */
const Told = z.object({ version: z.literal(1), digest: z.string().nullable(), answer: ToolCallAnswer });
export type Told = z.infer<typeof Told>;

export type EffectFiles = ReturnType<typeof filesOf>;

export function filesOf(root: DataRoot, id: string) {
  const dir = join(root.effectsDir, id);
  return {
    /** Made by whoever takes the effect, once. */
    dir,
    logDir: join(dir, "logs"),
    /** What is wanted, until a keeper takes it. */
    specFile: join(root.effectsDir, `${id}.json`),
    takenSpec: join(dir, TAKEN_SPEC),
    socket: join(root.runDir, `call-${id}.sock`),
  };
}

export function readTold({ dir }: EffectFiles): Promise<Told | undefined> {
  return readRecord(join(dir, RESULT_RECORD), Told);
}

export function writeTold({ dir }: EffectFiles, told: Omit<Told, "version">): Promise<void> {
  return writeDurably(join(dir, RESULT_RECORD), { version: 1, ...told } satisfies Told);
}

export function readExit({ dir }: EffectFiles): Promise<ExitRecord | undefined> {
  return readRecord(join(dir, EXIT_RECORD), ExitRecord);
}

export function readKeeper({ dir }: EffectFiles): Promise<KeeperRecord | undefined> {
  return readRecord(join(dir, KEEPER_RECORD), KeeperRecord);
}

/** It moves from the one place to the other while a keeper takes it. */
export async function readSpec(files: EffectFiles): Promise<EffectSpec | undefined> {
  for (const path of [files.takenSpec, files.specFile, files.takenSpec]) {
    const spec = await readRecord(path, EffectSpec);
    if (spec) return spec;
  }
  return undefined;
}

/** Whether somebody took it, and when; undefined when nobody did. */
export async function takenAtMs({ dir }: EffectFiles): Promise<number | undefined> {
  return (await stat(dir).catch(whenMissing))?.mtimeMs;
}

export async function isWanted({ specFile }: EffectFiles): Promise<boolean> {
  return (await readFile(specFile).catch(whenMissing)) !== undefined;
}

/** Its output and its arguments go, what was told stays. */
export async function dropOutput(files: EffectFiles): Promise<void> {
  for (const path of [files.logDir, files.takenSpec]) await rm(path, { recursive: true, force: true });
}
