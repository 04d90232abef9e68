/** Paths as tools name them: which root is meant, and what is to be walked from there without following links (SPEC TC11). */
import { nearestWord } from "@roundhouse/protocol/nearest-word";
import type { Place } from "../files/folder.ts";
import { checkFolder } from "../files/names.ts";
import { below, type OwnFolders, rootsOf } from "../files/roots.ts";
import type { DataRoot } from "../host/data-root.ts";
import { ToolProblem } from "./call.ts";

const ROOTS = ["instances", "outputs", "models", "datasets", "workspace"] as const;
type RootName = (typeof ROOTS)[number];

export type KnownInstance = { id: string; name: string };

export type PlacesDeps = {
  root: DataRoot;
  /** Those that the pool wants here. */
  instances(): readonly KnownInstance[];
  /** Undefined until its first launch. */
  foldersOf(id: string): OwnFolders | undefined;
};

export type Located =
  | { is: "place"; place: Place; isRoot: boolean }
  /** A list that is no folder on the disk: the roots themselves, or the instances below one. */
  | { is: "names"; names: string[] };

export class Places {
  readonly #deps: PlacesDeps;

  constructor(deps: PlacesDeps) {
    this.#deps = deps;
  }

  /** By id, else by name. Throws {@link ToolProblem}. */
  instance(ref: string): KnownInstance {
    const all = this.#deps.instances();
    const found = all.find(({ id }) => id === ref) ?? all.find(({ name }) => name === ref);
    if (found) return found;
    const names = all.map(({ name }) => name);
    const near = nearestWord(ref, names);
    const meant = near === undefined ? "" : ` Did you mean ${JSON.stringify(near)}?`;
    const known = names.length > 0 ? names.map((name) => JSON.stringify(name)).join(", ") : "none";
    throw new ToolProblem(`There is no instance ${JSON.stringify(ref)} on this node.${meant} Its instances: ${known}.`);
  }

  /** As policies see it: its name, whichever way it is referred to. */
  instanceName(ref: string): string {
    return this.#deps.instances().find(({ id }) => id === ref)?.name ?? ref;
  }

  /** The one spelling of a path that policies are asked about: instances by name, no slash at the end. */
  canonical(path: string): string {
    const [root, ref, ...rest] = trimmed(path).split("/");
    if (ref === undefined || (root !== "instances" && root !== "outputs")) return trimmed(path);
    const name = this.instanceName(ref);
    return [root, name.includes("/") ? ref : name, ...rest].join("/");
  }

  /** Throws {@link ToolProblem}, or `FileProblem` for a path that leads nowhere a tool may go. */
  locate(path: string, purpose: "make" | "find"): Located {
    const [first, ...rest] = checkFolder(trimmed(path), purpose);
    if (first === undefined) return { is: "names", names: [...ROOTS] };
    if (!isRoot(first)) throw new ToolProblem(noRoot(path));
    if (first !== "instances" && first !== "outputs") {
      return { is: "place", place: { base: this.#baseOf(first), parts: rest }, isRoot: rest.length === 0 };
    }
    const [ref, ...inner] = rest;
    if (ref === undefined) return { is: "names", names: this.#installed().map(({ name }) => name) };
    return { is: "place", place: below(this.#homeOf(first, ref), inner), isRoot: inner.length === 0 };
  }

  /** A file's folder and its name. Throws as `locate` does. */
  locateFile(path: string, purpose: "make" | "find"): { folder: Place; name: string } {
    const located = this.locate(path, purpose);
    const name = located.is === "place" && !located.isRoot ? located.place.parts.at(-1) : undefined;
    if (located.is !== "place" || name === undefined) {
      throw new ToolProblem(`path: ${JSON.stringify(path)} is a folder of the node. Name a file below it.`);
    }
    return { folder: { ...located.place, parts: located.place.parts.slice(0, -1) }, name };
  }

  #installed(): KnownInstance[] {
    return this.#deps.instances().filter(({ id }) => this.#deps.foldersOf(id) !== undefined);
  }

  #homeOf(root: "instances" | "outputs", ref: string): Place {
    const { id, name } = this.instance(ref);
    const folders = this.#deps.foldersOf(id);
    if (!folders)
      throw new ToolProblem(`The instance ${JSON.stringify(name)} has no folder yet: it was never started.`);
    const { instance, outputs } = rootsOf(this.#deps.root, folders);
    return root === "instances" ? instance : outputs;
  }

  #baseOf(root: Exclude<RootName, "instances" | "outputs">): string {
    const { modelsDir, datasetsDir, workspaceDir } = this.#deps.root;
    return { models: modelsDir, datasets: datasetsDir, workspace: workspaceDir }[root];
  }
}

function isRoot(name: string): name is RootName {
  return (ROOTS as readonly string[]).includes(name);
}

function trimmed(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

function noRoot(path: string): string {
  const roots = "instances/<name>/…, outputs/<name>/…, models/…, datasets/…, workspace/…";
  return `path: ${JSON.stringify(path)} lies below none of the node's roots. Give one of ${roots}.`;
}
