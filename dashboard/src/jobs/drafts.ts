/** Jobs that were begun or changed and not saved. They stay while one looks at another page; the browser asks before it forgets them. */
import { effect, signal } from "@preact/signals";
import type { JobDraft } from "./draft.ts";

/** By the job's id, or `new`. */
const drafts = signal<ReadonlyMap<string, JobDraft>>(new Map());

export function jobDraft(key: string): JobDraft | undefined {
  return drafts.value.get(key);
}

export function keepJobDraft(key: string, draft: JobDraft): void {
  drafts.value = new Map(drafts.value).set(key, draft);
}

export function dropJobDraft(key: string): void {
  const rest = new Map(drafts.value);
  if (rest.delete(key)) drafts.value = rest;
}

const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();
effect(() => {
  if (drafts.value.size > 0) addEventListener("beforeunload", askBeforeLeaving);
  else removeEventListener("beforeunload", askBeforeLeaving);
});
