/** Whether all that is left of a launch is a script that sleeps for ever: its app ended, and nothing more will come. */
import { readFile } from "node:fs/promises";
import { isGone } from "../host/absent.ts";

/** What scripts end with so that they outlive their app. */
const ENDLESS = /^(?:\S*\/)?(?:sleep (?:infinity|inf)|tail -f \/dev\/null)$/;
/** Page faults of children that were waited for (proc(5), field 11 of stat), counted from the state's field on. */
const REAPED_FAULTS_FIELD = 8;

/**
 * A look at the direct children: cheap, and enough to say no. True when all of them only sleep, and others were there
 * before: a script that did nothing but sleep is not an app that ended. False on kernels without this file.
 */
export async function mayBeIdle(scriptPid: number): Promise<boolean> {
  const children = await readFile(`/proc/${scriptPid}/task/${scriptPid}/children`, "utf8").catch(isGone);
  const pids = (children ?? "").trim().split(" ").filter(Boolean).map(Number);
  return pids.length > 0 && (await onlySleep(pids)) && (await hadOthers(scriptPid));
}

/** Whether each of these processes, `scriptPid` aside, sleeps for ever. */
export async function isIdle(pids: number[], scriptPid: number): Promise<boolean> {
  return onlySleep(pids.filter((pid) => pid !== scriptPid));
}

async function onlySleep(pids: number[]): Promise<boolean> {
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(isGone)));
  return commands.every((command) => command !== undefined && ENDLESS.test(command.split("\0").join(" ").trim()));
}

async function hadOthers(scriptPid: number): Promise<boolean> {
  const stat = (await readFile(`/proc/${scriptPid}/stat`, "utf8").catch(isGone)) ?? "";
  const fields = stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(/\s+/);
  return Number(fields[REAPED_FAULTS_FIELD] ?? 0) > 0;
}
