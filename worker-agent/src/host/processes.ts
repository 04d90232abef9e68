/** What runs on this host, read from /proc: single processes, and those that belong to an instance. */
import { readdir, readFile } from "node:fs/promises";
import { isGone } from "./absent.ts";

export type ProcessInfo = {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  /** Clock ticks between boot and the start of the process; with the pid it names a process for as long as the host is up. */
  startTime: number;
  /** The kernel's letter: R, S, D, T, Z (ended, not yet reaped), … */
  state: string;
};

/** How an instance's processes are recognised. */
export type InstanceRoot = Head & {
  /** What the environment of every process of the instance says unless it was changed: INSTANCE_CONF_DIR and WEBUI_PORT. */
  marker: { confDir: string; port: number };
};

/** The process, or undefined when there is none with this number. */
export async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(isGone);
  return text === undefined ? undefined : parseProcessStat(text);
}

/** Every process that this one may see; those that end meanwhile are left out. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  const names = await readdir("/proc");
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))));
  return found.filter((process) => process !== undefined);
}

/** Whether the process with this number is still the one that was started then, and has not ended. */
export async function isSameProcess(pid: number, startTime: number): Promise<boolean> {
  const found = await readProcess(pid);
  return found !== undefined && found.startTime === startTime && !hasEnded(found);
}

/** The process that heads others: the keeper's child, or a terminal's shell. */
export type Head = { pid: number; startTime: number; pgid: number };

/** What every process of a terminal has in its environment unless it was changed; the value is the terminal's id. */
export const TERMINAL_VARIABLE = "TERMINAL_ID";

/**
 * The living processes of an instance: the child's process group and session, its descendants, and whatever left both
 * but still carries the instance's environment, with its descendants. Once the child is gone its number may name
 * another group (and after a reboot it will), so from then on only the environment counts.
 */
export function processesOfInstance(root: InstanceRoot): Promise<number[]> {
  const { confDir, port } = root.marker;
  return processesBelow(root, (variables) => {
    // A person's shell has the app's environment, too. What runs in it is the terminal's.
    if (variables.some((one) => one.startsWith(`${TERMINAL_VARIABLE}=`))) return false;
    return variables.includes(`INSTANCE_CONF_DIR=${confDir}`) && variables.includes(`WEBUI_PORT=${port}`);
  });
}

/** The living processes of a terminal, found in the same way, and its session even when the shell is gone. */
export async function processesOfTerminal(root: Head & { id: string }): Promise<number[]> {
  const marked = await processesBelow(root, (variables) => variables.includes(`${TERMINAL_VARIABLE}=${root.id}`));
  return [...new Set([...marked, ...(await sessionOf(root))])];
}

/** What every process of an MCP server has in its environment unless it was changed: which channel of which server it is. */
export const MCP_CHANNEL_VARIABLE = "ROUNDHOUSE_MCP_CHANNEL";

/** The living processes of one channel, found in the same way, and its session even when its first program is gone. */
export async function processesOfChannel(root: Head & { channel: string }): Promise<number[]> {
  const marked = await processesBelow(root, (variables) =>
    variables.includes(`${MCP_CHANNEL_VARIABLE}=${root.channel}`),
  );
  return [...new Set([...marked, ...(await sessionOf(root))])];
}

/** Processes of MCP servers of a data root: a channel's name begins with its server's folder. */
export function processesOfMcpServers(mcpDir: string): Promise<number[]> {
  return processesBelow(undefined, (variables) =>
    variables.some((one) => one.startsWith(`${MCP_CHANNEL_VARIABLE}=${mcpDir}/`)),
  );
}

/**
 * The living members of the head's session. Only for whoever was there since it began: the session's number is not
 * given out again while one of its processes lives.
 */
export async function sessionOf({ pid, startTime }: Head): Promise<number[]> {
  const members = (await listProcesses()).filter((one) => one.sid === pid && one.startTime >= startTime);
  return members.filter((one) => !hasEnded(one)).map((one) => one.pid);
}

/** Processes of terminals of this data root: their environment names a folder below `instancesDir`. */
export function processesOfTerminals(instancesDir: string): Promise<number[]> {
  return processesBelow(undefined, (variables) => {
    const isTerminal = variables.some((one) => one.startsWith(`${TERMINAL_VARIABLE}=`));
    return isTerminal && variables.some((one) => one.startsWith(`INSTANCE_CONF_DIR=${instancesDir}/`));
  });
}

async function processesBelow(root: Head | undefined, isMarked: (variables: string[]) => boolean): Promise<number[]> {
  const processes = await listProcesses();
  const rootIsThere = processes.some((one) => one.pid === root?.pid && one.startTime === root.startTime);
  const members = new Set<number>(root && rootIsThere ? [root.pid] : []);
  for (const one of processes) {
    if (rootIsThere && (one.pgid === root?.pgid || one.sid === root?.pid)) members.add(one.pid);
  }
  for (const one of processes) {
    if (!members.has(one.pid) && isMarked(await variablesOf(one))) members.add(one.pid);
  }
  addDescendants(members, processes);
  return processes.filter((one) => members.has(one.pid) && !hasEnded(one)).map((one) => one.pid);
}

/**
 * One line of /proc/<pid>/stat (proc(5)). The second field is the program's name in parentheses and may itself hold
 * spaces and parentheses, so the numbers are counted from the last closing one.
 */
export function parseProcessStat(text: string): ProcessInfo | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = text
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  const [state, ppid, pgid, sid] = fields;
  const startTime = fields[19];
  if (!state || !ppid || !pgid || !sid || !startTime) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    startTime: Number(startTime),
    state,
  };
}

function hasEnded(process: ProcessInfo): boolean {
  return process.state === "Z" || process.state === "X";
}

function addDescendants(members: Set<number>, processes: ProcessInfo[]): void {
  for (let grown = true; grown;) {
    const young = processes.filter((one) => !members.has(one.pid) && members.has(one.ppid));
    for (const one of young) members.add(one.pid);
    grown = young.length > 0;
  }
}

/** Kernel threads (children of 2) have no environment; another user's is unreadable and then never ours. */
async function variablesOf(process: ProcessInfo): Promise<string[]> {
  if (process.ppid === 2 || hasEnded(process)) return [];
  const text = await readFile(`/proc/${process.pid}/environ`, "utf8").catch(isGone);
  return text ? text.split("\0") : [];
}
