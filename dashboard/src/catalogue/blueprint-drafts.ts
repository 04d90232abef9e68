/** Blueprints that were begun and not saved. They stay while one looks at another page; the browser asks before it forgets them. */
import { effect, signal } from "@preact/signals";

import type { WrittenKind } from "./written-kinds.ts";

export type BlueprintDraft = { name: string; source: string };

/** By the blueprint's id; those of new ones by what they began as. */
const drafts = signal<ReadonlyMap<string, BlueprintDraft>>(new Map());

/** `from` is the id of the one that it is a copy of. Each beginning has its own draft, which so keeps its kind. */
export function newDraftKey(kind: WrittenKind, from: string | null): string {
  return from === null ? `new ${kind}` : `new from ${from}`;
}

export function blueprintDraft(key: string): BlueprintDraft | undefined {
  return drafts.value.get(key);
}

export function keepBlueprintDraft(key: string, draft: BlueprintDraft): void {
  drafts.value = new Map(drafts.value).set(key, draft);
}

export function dropBlueprintDraft(key: string): void {
  const rest = new Map(drafts.value);
  if (rest.delete(key)) drafts.value = rest;
}

/** The name for a file's blueprint: `My App (2).sh` → `My-App-2`. */
export function nameOfFile(file: string): string {
  return file
    .replace(/\.\w+$/, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "")
    .slice(0, 60);
}

const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();
effect(() => {
  if (drafts.value.size > 0) addEventListener("beforeunload", askBeforeLeaving);
  else removeEventListener("beforeunload", askBeforeLeaving);
});
