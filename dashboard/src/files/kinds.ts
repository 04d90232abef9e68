/** What a file is to a person, by its name: how it opens, how it is sorted, and which language it is written in. */
import type { FileEntry } from "@roundhouse/protocol/files";
import { mediaTypeOf } from "@roundhouse/protocol/file-types";

export type SortKey = "name" | "size" | "modified";
export type Sorting = { key: SortKey; descending: boolean };
export type Language = "shell" | "yaml" | "json" | "python" | "plain";

/** Text larger than this is shown from its beginning, and not edited. */
export const MAX_EDIT_BYTES = 2 * 1024 * 1024;
/** Media larger than this are downloaded: to be shown they are held in memory, whole. */
export const MAX_MEDIA_BYTES = 64 * 1024 * 1024;

const LANGUAGES: readonly (readonly [RegExp, Language])[] = [
  [/\.(sh|bash|zsh|env|command|bashrc|profile)$/i, "shell"],
  [/\.(ya?ml)$/i, "yaml"],
  [/\.(json|jsonc|json5|ipynb|webmanifest)$/i, "json"],
  [/\.(py|pyi|pyw)$/i, "python"],
];
const TEXT = /\.(txt|md|log|csv|tsv|srt|vtt|json|ya?ml|toml|ini|cfg|conf|xml|svg|html|css|js|ts|py|sh|env)$/i;
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export function languageOf(name: string): Language {
  return LANGUAGES.find(([pattern]) => pattern.test(name))?.[1] ?? "plain";
}

export function mediaKindOf(name: string): "image" | "audio" | "video" | undefined {
  const [kind] = mediaTypeOf(name)?.split("/") ?? [];
  return kind === "image" || kind === "audio" || kind === "video" ? kind : undefined;
}

/** Whether the viewer steps through it. */
export function isViewable({ kind, name }: FileEntry): boolean {
  return kind === "file" && (mediaKindOf(name) !== undefined || TEXT.test(name));
}

/** Folders first, whatever the order. */
export function sortEntries(entries: readonly FileEntry[], { key, descending }: Sorting): FileEntry[] {
  const sign = descending ? -1 : 1;
  return entries.toSorted((a, b) => {
    const folders = Number(b.kind === "folder") - Number(a.kind === "folder");
    return folders || sign * compare(a, b, key) || byName.compare(a.name, b.name);
  });
}

function compare(a: FileEntry, b: FileEntry, key: SortKey): number {
  switch (key) {
    case "name":
      return byName.compare(a.name, b.name);
    case "size":
      return (a.size ?? -1) - (b.size ?? -1);
    case "modified":
      return Date.parse(a.modifiedAt) - Date.parse(b.modifiedAt);
  }
}
