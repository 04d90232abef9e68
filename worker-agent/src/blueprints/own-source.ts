/** An instance's own copy of its blueprint's source: what a person edits, and what a launch is made from. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isGone } from "../host/absent.ts";
import type { DataRoot } from "../host/data-root.ts";
import { readOwned, writeOwned } from "./owned-file.ts";
import { type Family, LaunchError, type PrepareInput } from "./runtime.ts";

const READABLE = 0o644;

/** Of a satellite it is its parent's. Undefined where there is none. */
export function readOwnSource(input: Family & { root: DataRoot }, fileName: string): Promise<string | undefined> {
  return readOwned(pathOf(input, fileName));
}

/** The source on disk, made from the blueprint's the first time, and when the instance has got another blueprint. */
export async function ownSource(input: PrepareInput, fileName: string): Promise<string> {
  const path = pathOf(input, fileName);
  const found = await readOwned(path);
  if (found !== undefined && !input.replacesScript) return found;
  if (input.source !== null && found !== undefined && found !== input.source) await keepBeside(path, found, input);
  if (input.source === null) {
    throw new LaunchError(
      "no_script",
      `${path} is missing.`,
      "Start the instance again to have it made from its blueprint.",
    );
  }
  await writeOwned(path, input.source, READABLE, input.user);
  return input.source;
}

function pathOf({ instance, parent, root }: Family & { root: DataRoot }, fileName: string): string {
  return join(root.instancesDir, (parent ?? instance).folder, fileName);
}

/** A person may have edited it. Once for each blueprint it gives way to: a second try must not put the new one there. */
async function keepBeside(path: string, source: string, { instance, user }: PrepareInput): Promise<void> {
  const kept = `${path}.before-${instance.blueprint.digest.slice(0, 8)}`;
  if ((await lstat(kept).catch(isGone)) === undefined) await writeOwned(kept, source, READABLE, user);
}
