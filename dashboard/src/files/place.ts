/** Where somebody is in the files of each instance; kept while they look at something else. */
import { signal } from "@preact/signals";
import type { FileRoot } from "@roundhouse/protocol/files";

/** `open` is the name of the file that is being edited in that folder. */
export type Place = { root: FileRoot; path: string; open: string | null };

const START: Place = { root: "instance", path: "", open: null };
const places = signal<ReadonlyMap<string, Place>>(new Map());

export function placeOf(instance: string): Place {
  return places.value.get(instance) ?? START;
}

export function goTo(instance: string, place: Partial<Place>): void {
  places.value = new Map(places.value).set(instance, { ...placeOf(instance), open: null, ...place });
}

/** The path of a name in a folder. */
export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

export function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
