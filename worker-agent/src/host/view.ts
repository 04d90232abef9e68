/** The host as the agent looks at it from outside its data root: variables, paths, mounts. A test's is a folder. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isGone } from "./absent.ts";

/** Variables by name, and the place they were found in. */
type Variables = { source: string; values: Map<string, string> };

export type HostView = {
  /** Where the file system begins: `/`. */
  fsRoot: string;
  uid: number;
  home: string;
  /** The agent's own environment first. */
  variables: Variables[];
};

/** The environment of process 1, and the files that platforms write theirs to: SSH shells often lack the variables. */
const ENVIRONMENT_OF_FIRST_PROCESS = "/proc/1/environ";
const ENVIRONMENT_FILES = ["/etc/rp_environment", "/etc/environment"];

export function viewHost(
  options: { fsRoot?: string; env?: Record<string, string | undefined>; uid?: number; home?: string } = {},
): HostView {
  const { fsRoot = "/", env = process.env, uid = process.getuid?.() ?? 0, home = homedir() } = options;
  const own = Object.entries(env).map(([name, value]): [string, string] => [name, value ?? ""]);
  const first = readText(join(fsRoot, ENVIRONMENT_OF_FIRST_PROCESS)).split("\0");
  const files = ENVIRONMENT_FILES.map((path) => ({
    source: path,
    values: assignments(readText(join(fsRoot, path)).split("\n")),
  }));
  return {
    ...{ fsRoot, uid, home },
    variables: [
      { source: "", values: new Map(own) },
      { source: ENVIRONMENT_OF_FIRST_PROCESS, values: assignments(first) },
      ...files,
    ],
  };
}

export function hasPath(view: HostView, path: string): boolean {
  return existsSync(join(view.fsRoot, path));
}

export function valueOf(view: HostView, name: string): string | undefined {
  return view.variables.map(({ values }) => values.get(name)).find(Boolean);
}

/** Whether something is mounted at exactly this path: a volume, not a folder of the container's own disk. */
export function isMount(view: HostView, path: string): boolean {
  return readMounts(view).some((mount) => mount.path === path);
}

/** By the engines' marks, or by the layered root file system that containers without a mark have, too. */
export function isContainer(view: HostView): boolean {
  const isMarked = ["/.dockerenv", "/run/.containerenv"].some((path) => hasPath(view, path));
  return isMarked || readMounts(view).some(({ path, type }) => path === "/" && type === "overlay");
}

/** proc_pid_mountinfo(5): the mount point is the fifth field, the type the first one after a lone dash. */
function readMounts({ fsRoot }: HostView): { path: string; type: string }[] {
  const lines = readText(join(fsRoot, "/proc/self/mountinfo")).split("\n").filter(Boolean);
  return lines.map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const escaped = before.split(" ")[4] ?? "";
    const path = escaped.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    return { path, type: after.split(" ")[0] ?? "" };
  });
}

/** `NAME=value`, `export NAME="value"`; anything else is passed over. */
function assignments(lines: string[]): Map<string, string> {
  const found = lines.flatMap((line) => {
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/s.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.replace(/^(["'])(.*)\1$/s, "$2")] as const];
  });
  return new Map(found);
}

/** Empty for what is missing, or another user's: it says nothing. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return isGone(error) ?? "";
  }
}
