/** What the trash of a node keeps beside each folder in it, so that it can become an instance again. */
import { join } from "node:path";
import { DesiredInstance } from "@roundhouse/protocol/instance";
import * as z from "zod";
import type { DataRoot } from "../host/data-root.ts";
import { readRecord, writeDurably } from "../keeper/durable-file.ts";

export const TrashRecord = z.object({
  version: z.literal(1),
  /** As it was last wanted. */
  desired: DesiredInstance,
  /** Of its blueprint, whose copy the control plane may have given up; null where this node had none either. */
  source: z.string().nullable(),
  deletedAt: z.iso.datetime(),
});
export type TrashRecord = z.infer<typeof TrashRecord>;

/** Throws for a name that could lead out of the trash. */
export function trashPath(root: DataRoot, entry: string): string {
  if (!isEntryName(entry)) throw new Error(`not an entry of the trash: ${JSON.stringify(entry)}`);
  return join(root.trashDir, entry);
}

export function isEntryName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,200}$/.test(name);
}

/** What was the home of its apps. */
export function homeOfEntry(root: DataRoot, entry: string): string {
  return `${trashPath(root, entry)}.home`;
}

export function trashRecordPath(root: DataRoot, entry: string): string {
  return `${trashPath(root, entry)}.json`;
}

export function readTrashRecord(root: DataRoot, entry: string): Promise<TrashRecord | undefined> {
  return readRecord(trashRecordPath(root, entry), TrashRecord);
}

export async function writeTrashRecord(root: DataRoot, entry: string, record: TrashRecord): Promise<void> {
  await writeDurably(trashRecordPath(root, entry), record);
}
