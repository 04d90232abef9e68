/** Whether the kernel killed something of this control group for memory. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isGone } from "../host/absent.ts";

/**
 * How many processes the kernel has killed for memory so far: of this control group (v2 `memory.events`, v1
 * `memory.oom_control`), or of the whole host where neither can be read; null where nothing can.
 */
export async function readOomKills(): Promise<number | null> {
  const groups = (await readFile("/proc/self/cgroup", "utf8").catch(isGone)) ?? "";
  for (const path of [...oomFiles(groups), "/proc/vmstat"]) {
    const count = parseOomKills((await readFile(path, "utf8").catch(isGone)) ?? "");
    if (count !== null) return count;
  }
  return null;
}

/** Where the counters of the groups in /proc/self/cgroup may lie; inside a container its own group is the mount's root. */
export function oomFiles(groups: string): string[] {
  return groups.split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === "") {
      return [join("/sys/fs/cgroup", path, "memory.events"), "/sys/fs/cgroup/memory.events"];
    }
    if (!controllers?.split(",").includes("memory")) return [];
    const mount = "/sys/fs/cgroup/memory";
    return [join(mount, path, "memory.oom_control"), join(mount, "memory.oom_control")];
  });
}

export function parseOomKills(text: string): number | null {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? null : Number(count);
}
