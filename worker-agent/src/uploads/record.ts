/** An upload's record on disk: what is coming, where it goes, and how much of it is there for certain. */
import { join } from "node:path";
import { FileRoot } from "@roundhouse/protocol/files";
import * as z from "zod";
import type { DataRoot } from "../host/data-root.ts";
import { statePaths } from "../instances/state-file.ts";
import { readRecord, writeDurably } from "../keeper/durable-file.ts";

/** An unfinished upload is given up after a day of silence. */
const UNFINISHED_LIFETIME_MS = 24 * 3600_000;
/** A finished one is remembered for a while, for a client that missed the last answer. */
const FINISHED_LIFETIME_MS = 3600_000;

const UploadRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  instance: z.string(),
  length: z.int().min(0),
  /** Records of earlier agents say nothing of it. */
  root: FileRoot.default("instance"),
  /** Relative to the root; "" is the root itself. */
  folder: z.string(),
  filename: z.string(),
  overwrite: z.boolean(),
  /** As the client sent it. */
  metadata: z.string(),
  /** Bytes that would be there after a power cut, too. */
  offset: z.int().min(0),
  /** When bytes last came, as milliseconds of Unix time. */
  touchedAtMs: z.number(),
  /** Whether it lies in its place. */
  finished: z.boolean(),
});
export type UploadRecord = z.infer<typeof UploadRecord>;

/** The agent's own folder of an instance's uploads; an app cannot enter it. It goes with the instance. */
export function uploadsDir(root: DataRoot, instance: string): string {
  return join(statePaths(root, instance).dir, "uploads");
}

export function partFile(root: DataRoot, { instance, id }: Pick<UploadRecord, "instance" | "id">): string {
  return join(uploadsDir(root, instance), `${id}.part`);
}

export function recordFile(root: DataRoot, { instance, id }: Pick<UploadRecord, "instance" | "id">): string {
  return join(uploadsDir(root, instance), `${id}.json`);
}

export function loadRecord(root: DataRoot, instance: string, id: string): Promise<UploadRecord | undefined> {
  return readRecord(recordFile(root, { instance, id }), UploadRecord);
}

/** Only the agent that holds the data root writes here, so what a killed one left half-written is written over. */
export function draftFile(root: DataRoot, upload: Pick<UploadRecord, "instance" | "id">): string {
  return `${recordFile(root, upload)}.tmp`;
}

export function saveRecord(root: DataRoot, record: UploadRecord): Promise<void> {
  return writeDurably(recordFile(root, record), record, draftFile(root, record));
}

export function expiresAtMs({ touchedAtMs, finished }: Pick<UploadRecord, "touchedAtMs" | "finished">): number {
  return touchedAtMs + (finished ? FINISHED_LIFETIME_MS : UNFINISHED_LIFETIME_MS);
}

/** Where the file lies, or will lie, below its root. */
export function pathOf({ folder, filename }: UploadRecord): string {
  return folder === "" ? filename : `${folder}/${filename}`;
}
