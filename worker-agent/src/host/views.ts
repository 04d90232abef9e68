/**
 * Views of the disk: for one process and its children one folder stands where another is. Members of a family run from one
 * installation, whose link to the outputs is one: in the view of a satellite it leads to the satellite's own. A mount
 * namespace does that; root may always make one, others where their host lets them.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppUser } from "../blueprints/runtime.ts";
import { findProgram, runProgram } from "./programs.ts";

/** `own` is seen where `over` is. */
export type FolderView = { own: string; over: string };
export type Command = { command: string; args: string[] };

/** Where this host lets nobody make a view, there is none. */
export type Views = {
  /** The same command in that view, as the app's user. */
  commandIn(view: FolderView, command: Command): Command;
};

const MOUNT_THEN = 'mount --bind -- "$1" "$2" && shift 2 && exec "$@"';
const AS_ROOT = ["--mount", "--propagation", "slave"];
/** With the user's own number inside, and the right to mount there. */
const AS_USER = ["--user", "--map-current-user", "--keep-caps", ...AS_ROOT];

/** Tries what this host lets us do, below `dir`; null where that is nothing. Never throws. */
export async function findViews(dir: string, user: AppUser | null, path = process.env["PATH"]): Promise<Views | null> {
  const [unshare, setpriv] = [await findProgram("unshare", path), await findProgram("setpriv", path)];
  if (!unshare || (user && !setpriv)) return null;
  const flags = process.getuid?.() === 0 ? AS_ROOT : AS_USER;
  const enter = ({ own, over }: FolderView, { command, args }: Command): Command => {
    return { command: unshare, args: [...flags, "--", "/bin/sh", "-c", MOUNT_THEN, "sh", own, over, command, ...args] };
  };
  if (!(await works(enter, dir))) return null;
  return { commandIn: (view, command) => enter(view, asUser(command, user, setpriv)) };
}

/** A mount is root's to make: who the app runs as is changed behind it. */
function asUser(command: Command, user: AppUser | null, setpriv: string | undefined): Command {
  if (!user || !setpriv) return command;
  const change = ["--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups", "--"];
  return { command: setpriv, args: [...change, command.command, ...command.args] };
}

/** With the real thing: containers often have the programs and not the right. */
async function works(enter: (view: FolderView, command: Command) => Command, dir: string): Promise<boolean> {
  const trial = await mkdtemp(join(dir, "view-")).catch(() => undefined);
  if (trial === undefined) return false;
  try {
    const view = { own: join(trial, "own"), over: join(trial, "over") };
    for (const folder of Object.values(view)) await mkdir(folder);
    await writeFile(join(view.own, "seen"), "");
    const { command, args } = enter(view, { command: "/bin/sh", args: ["-c", `test -e "$0/seen"`, view.over] });
    const result = await runProgram(command, args);
    return result.kind === "ended" && result.code === 0;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}
