/** What is left of an instance that was ended: processes that the kernel does not let go. */
import { readFile } from "node:fs/promises";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { isGone } from "../host/absent.ts";
import { processesOfInstance, readProcess } from "../host/processes.ts";
import type { KeeperRecord } from "../keeper/spec.ts";

const WAITS_IN_KERNEL = "D";

/** The processes that outlived SIGKILL, in words; undefined when none did. */
export async function survivorsOf({ child, marker }: KeeperRecord): Promise<KnownReason | undefined> {
  if (!child) return undefined;
  const pids = await processesOfInstance({ ...child, marker });
  const names = (await Promise.all(pids.map(describe))).filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  return {
    code: "not_killed",
    message: `could not be ended: ${names.join(", ")}`,
    hint: "A process that waits in the kernel goes once its disk or its GPU answers again, else with a reboot.",
  };
}

async function describe(pid: number): Promise<string | undefined> {
  const info = await readProcess(pid);
  if (!info) return undefined;
  const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(isGone))?.trim() || "a process";
  return `${name} (pid ${pid}${info.state === WAITS_IN_KERNEL ? ", waits in the kernel" : ""})`;
}
