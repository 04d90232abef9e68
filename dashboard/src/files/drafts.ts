/** What was typed and not saved. It stays here when one looks at something else, and the browser asks before the page is left. */
import { effect, signal } from "@preact/signals";
import type { Spot } from "./api.ts";

/** The text, and the version of the file that it was made from. */
export type Draft = { text: string; etag: string | null };

const drafts = signal<ReadonlyMap<string, Draft>>(new Map());
/** The files that are being edited and differ from what is saved. */
const dirtySpots = signal<ReadonlySet<string>>(new Set());

export function keyOf({ instance, root, path }: Spot): string {
  return `${instance} ${root} ${path}`;
}

export function draftOf(spot: Spot): Draft | undefined {
  return drafts.value.get(keyOf(spot));
}

export function isDirty(spot: Spot): boolean {
  return dirtySpots.value.has(keyOf(spot)) || drafts.value.has(keyOf(spot));
}

/** Says whether what an editor shows differs from what is saved. */
export function markDirty(spot: Spot, isDirty: boolean): void {
  const key = keyOf(spot);
  if (dirtySpots.peek().has(key) === isDirty) return;
  const others = [...dirtySpots.peek()].filter((other) => other !== key);
  dirtySpots.value = new Set(isDirty ? [...others, key] : others);
}

export function keepDraft(spot: Spot, draft: Draft): void {
  drafts.value = new Map(drafts.value).set(keyOf(spot), draft);
}

export function dropDraft(spot: Spot): void {
  const rest = new Map(drafts.value);
  if (rest.delete(keyOf(spot))) drafts.value = rest;
}

/** What lay at `from`, or below it, lies at `to` now, or nowhere: so do the drafts. */
export function moveDrafts(from: Spot, to: Spot | null): void {
  const key = keyOf(from);
  const moved = [...drafts.value].flatMap(([at, draft]): [string, Draft][] => {
    if (at !== key && !at.startsWith(`${key}/`)) return [[at, draft]];
    return to === null ? [] : [[keyOf(to) + at.slice(key.length), draft]];
  });
  drafts.value = new Map(moved);
}

const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();
effect(() => {
  if (drafts.value.size > 0 || dirtySpots.value.size > 0) addEventListener("beforeunload", askBeforeLeaving);
  else removeEventListener("beforeunload", askBeforeLeaving);
});
