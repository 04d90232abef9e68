/** The roots that files of an instance may lie below. A further one is one line here and one word in the protocol. */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { FileEntry, FileRoot } from "@roundhouse/protocol/files";
import type { DataRoot } from "../host/data-root.ts";
import type { Place } from "./folder.ts";

/** Of an instance; `isClosed`: its own is entered by nobody but the agent. */
export type OwnFolders = { own: string; outputs: string; isClosed: boolean };

export type Roots = Record<FileRoot, Place>;

/** The folders on the way to each base are the agent's own; what comes after it may be an app's. */
export function rootsOf(root: DataRoot, folders: OwnFolders): Roots {
  return {
    instance: { base: folders.own, parts: [], isClosed: folders.isClosed },
    outputs: { base: root.outputsDir, parts: relative(root.outputsDir, folders.outputs).split(sep) },
    models: { base: root.modelsDir, parts: [] },
    datasets: { base: root.datasetsDir, parts: [] },
  };
}

export function below(place: Place, more: readonly string[]): Place {
  return { ...place, parts: [...place.parts, ...more] };
}

/** Where a link in `place` leads by its text alone, if that is below a root. Going there is a walk of its own, without links. */
export function leadsTo(roots: Roots, place: Place, target: string): FileEntry["leadsTo"] {
  const goal = resolve(pathOf(place), target);
  for (const [root, { base, parts }] of Object.entries(roots) as [FileRoot, Place][]) {
    const path = relative(join(base, ...parts), goal);
    if (!isAbsolute(path) && path.split(sep)[0] !== "..") return { root, path };
  }
  return null;
}

function pathOf({ base, parts }: Place): string {
  return join(base, ...parts);
}
