/** The uploads of this page: a row each, whether or not anybody looks at them. */
import { computed, signal } from "@preact/signals";
import type { FileRoot } from "@roundhouse/protocol/files";

export type UploadState =
  | { state: "queued" | "sending" | "paused" }
  /** Something is in the way; it goes on by itself. */
  | { state: "waiting"; retryAt: number }
  /** Another file of that name lies there: a person decides. */
  | { state: "exists" }
  | { state: "failed"; error: unknown }
  | { state: "done"; path: string };

export type Upload = {
  id: number;
  instanceId: string;
  file: File;
  root: FileRoot;
  folder: string;
  overwrite: boolean;
  sentBytes: number;
  bytesPerSecond: number | null;
} & UploadState;

export const uploads = signal<readonly Upload[]>([]);

export const activeUploads = computed(() => uploads.value.filter(isActive));

export function isActive({ state }: Upload): boolean {
  return state === "queued" || state === "sending" || state === "waiting";
}

/** How much of all that is being sent to an instance has arrived, in percent; undefined while nothing is being sent. */
export function sentPercent(all: readonly Upload[], instanceId: string): number | undefined {
  const active = all.filter((upload) => upload.instanceId === instanceId && isActive(upload));
  if (active.length === 0) return undefined;
  const total = active.reduce((sum, { file }) => sum + file.size, 0);
  const sent = active.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  return percent(sent, total);
}

/** Whole percent, 100 only when all of it is there. */
export function percent(sent: number, total: number): number {
  return total === 0 ? 0 : Math.floor((sent / total) * 100);
}
