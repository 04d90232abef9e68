/** Which folders of the host a container is shown: those it asked for, and of these none that would give it the host. */
import type { ContainerSpec } from "@roundhouse/protocol/container";
import { mkdir, realpath } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { LaunchError } from "../blueprints/runtime.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import type { ContainerJob } from "./job.ts";

export type MountPlaces = {
  /** The instance's own folder. */
  own: string;
  /** Folders of the node that are known by a word. */
  named: Readonly<Record<string, string>>;
  /** Folders of the host that its owner allowed, with all below them. */
  allowed: readonly string[];
  /** Never shown, whatever was allowed: the agent's own data, the engine's, its socket. */
  hidden: readonly string[];
};

/** They tell of the host, or steer it. */
const OF_THE_HOST = ["/proc", "/sys", "/dev", "/run", "/var/run", "/boot", "/etc", "/root"];

/** Makes the folders of the instance. Throws `LaunchError` that names the mount. */
export async function resolveMounts(
  spec: Pick<ContainerSpec, "mounts">,
  places: MountPlaces,
): Promise<ContainerJob["mounts"]> {
  const mounts: ContainerJob["mounts"] = [];
  for (const { from, to, readonly } of spec.mounts) {
    mounts.push({ source: await resolveMount(from, places), target: to, readonly });
  }
  return mounts;
}

async function resolveMount(from: string, places: MountPlaces): Promise<string> {
  if (from.split("/").includes("..")) throw refused(from, 'it has a ".." part', "Name the folder itself.");
  const named = Object.hasOwn(places.named, from) ? places.named[from] : undefined;
  if (named !== undefined) return named;
  if (from.startsWith("./")) {
    const path = resolve(places.own, from);
    await mkdir(path, { recursive: true });
    return requireItself(from, path, join(await realpath(places.own), from));
  }
  return resolveHostPath(from, places);
}

async function resolveHostPath(from: string, { allowed, hidden }: MountPlaces): Promise<string> {
  const path = resolve(from);
  const never = path === "/" ? "/" : [...OF_THE_HOST, ...hidden].find((one) => touches(path, one));
  if (never !== undefined) {
    const what = never === "/" ? "the whole host" : never;
    throw refused(from, `it would show ${what} to the container`, "Mount a folder that holds only what the app needs.");
  }
  if (!allowed.some((one) => isWithin(path, one))) {
    const hint = "Its owner allows folders with the option --mount <folder> of the worker agent. Or use ./<folder>.";
    throw refused(from, "the owner of the node has not allowed that folder", hint);
  }
  return requireItself(from, path, path);
}

/** A link in the path could lead anywhere, and elsewhere tomorrow. */
async function requireItself(from: string, path: string, expected: string): Promise<string> {
  const real = await realpath(path).catch(whenMissing);
  if (real === undefined) throw refused(from, "there is no such folder on the node", "Make it first.");
  if (real === expected) return real;
  throw refused(from, `a symbolic link leads from it to ${real}`, "Name the folder that is meant.");
}

/** Whether one holds the other, either way round. */
function touches(path: string, other: string): boolean {
  return isWithin(path, other) || isWithin(other, path);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function refused(from: string, why: string, hint: string): LaunchError {
  return new LaunchError("mount_refused", `mounts: ${JSON.stringify(from)} cannot be mounted: ${why}`, hint);
}
