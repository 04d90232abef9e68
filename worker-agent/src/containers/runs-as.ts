/**
 * As whom a container runs. What it leaves in a folder that others reach, they can start, also a program that runs as its
 * owner: and the owner may be root. So where it may write to such a folder, it is nobody else than the apps of the node are.
 */
import type { ContainerSpec } from "@roundhouse/protocol/container";
import { lstat, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { type AppUser, LaunchError } from "../blueprints/runtime.ts";
import type { ContainerJob } from "./job.ts";

/** To enter a folder, of the group and of all others; where an access list lets others in, the group's shows it, too. */
const ENTER_BITS = 0o011;

/** `uid` or `uid:gid`; undefined is the image's own user. Throws `LaunchError` that names the mount. */
export async function runsAs(
  spec: ContainerSpec,
  mounts: ContainerJob["mounts"],
  apps: AppUser,
): Promise<string | undefined> {
  // The apps are root themselves.
  if (apps.uid === 0) return spec.user;
  const [uid, gid = apps.gid] = spec.user?.split(":").map(Number) ?? [];
  for (const [index, { source, readonly }] of mounts.entries()) {
    if (readonly || (await isClosed(source, uid))) continue;
    // With a group of its own: without one, it would be of those that the image says.
    const asApps = `${apps.uid}:${apps.gid}`;
    if (uid === undefined || (uid === apps.uid && gid === apps.gid)) return asApps;
    throw refused(spec.mounts[index]?.from ?? source, spec.user, asApps);
  }
  return spec.user;
}

/** Whether a folder above it lets nobody pass but root, this process, or who the container runs as. */
async function isClosed(path: string, uid: number | undefined): Promise<boolean> {
  const owners = [0, process.getuid?.(), uid];
  for (let at = await realpath(path); at !== dirname(at);) {
    // Not the folder itself: that is the container's to open.
    at = dirname(at);
    const found = await lstat(at);
    if ((found.mode & ENTER_BITS) === 0 && owners.includes(found.uid)) return true;
  }
  return false;
}

function refused(from: string, user: string | undefined, asApps: string): LaunchError {
  const why = `it could leave programs there that run as user ${user} for whoever starts them`;
  return new LaunchError(
    "mount_refused",
    `mounts: ${JSON.stringify(from)} cannot be mounted for writing: ${why}`,
    `Say readonly: true, or no user: (it then runs as ${asApps}, as the apps of the node do). Or have a folder above it closed to others (chmod 700).`,
  );
}
