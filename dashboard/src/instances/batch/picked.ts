/** The rows that were picked to do something to all of them. */
import { signal } from "@preact/signals";

export const picked = signal<ReadonlySet<string>>(new Set());
let last: string | null = null;

/** Shift takes everything from the last picked row to this one, as they are shown. */
export function pick(id: string, range: boolean, shown: readonly string[]): void {
  const next = new Set(picked.value);
  const from = last === null ? -1 : shown.indexOf(last);
  const to = shown.indexOf(id);
  if (range && from !== -1 && to !== -1) {
    for (const between of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(between);
  } else if (!next.delete(id)) {
    next.add(id);
  }
  last = id;
  picked.value = next;
}

export function pickAll(ids: readonly string[]): void {
  picked.value = new Set(ids);
}
