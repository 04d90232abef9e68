/** One GPU as a source saw it: what it is and how it is right now, and how the sources' texts become numbers. */
import type { Gpu, GpuStats } from "@roundhouse/protocol/facts";

export type GpuReading = { fact: Gpu; stats: GpuStats };

/** The number a tool printed, or null where it printed words instead (`[N/A]`, `[Not Supported]`, `ERR!`, `N/A`). */
export function toNumber(text: unknown): number | null {
  if (typeof text === "number") return Number.isFinite(text) ? text : null;
  if (typeof text !== "string" || text.trim() === "") return null;
  const value = Number(text.trim().replace(/\s*(%|W|MiB|C)$/, ""));
  return Number.isFinite(value) ? value : null;
}

/** For counts and sizes, where a card that cannot say is shown as 0. */
export function toAmount(text: unknown): number {
  return Math.max(0, toNumber(text) ?? 0);
}

/** For percentages and watts, which sensors report as negative when they fail. */
export function toGauge(text: unknown): number | null {
  const value = toNumber(text);
  return value === null || value < 0 ? null : value;
}
