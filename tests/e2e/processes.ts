/** What /proc tells about the processes of a house: which are left, which listen where. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Process = { pid: number; parent: number; command: string };
export type Listening = { pid: number; address: string; port: number };

/** Every process that names `text` in its command line, its environment or its working directory. */
export function processesNaming(text: string): Process[] {
  return allProcesses().filter(({ pid, command }) => {
    if (pid === process.pid) return false;
    const places = [command, read(pid, "environ"), link(pid, "cwd")];
    return places.some((place) => place?.includes(text));
  });
}

/** A process and everything below it, parents first. */
export function treeOf(root: number): Process[] {
  const all = allProcesses();
  const found = all.filter(({ pid }) => pid === root);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

/** Not a zombie either. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== "Z";
}

/** Kills hard; one that is gone already is no error. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The listening TCP sockets that these processes hold. */
export function listeningOf(processes: readonly Process[]): Listening[] {
  const byInode = new Map<string, number>();
  for (const { pid } of processes) for (const inode of socketsOf(pid)) byInode.set(inode, pid);
  const lines = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n").slice(1));
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = "", port = ""] = (fields[1] ?? "").split(":");
    const pid = byInode.get(fields[9] ?? "");
    return fields[3] === "0A" && pid !== undefined ? [{ pid, address, port: parseInt(port, 16) }] : [];
  });
}

/** 127.0.0.1 or ::1, as the kernel prints them. */
export function isLoopback(address: string): boolean {
  return address === "0100007F" || address === "00000000000000000000000001000000";
}

function allProcesses(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).flatMap((pid) => {
    const stat = statOf(pid);
    if (!stat || stat.state === "Z") return [];
    const command = (read(pid, "cmdline") ?? "").replaceAll("\0", " ").trim();
    return [{ pid, parent: stat.parent, command }];
  });
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  const text = read(pid, "stat");
  const [state, parent] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === undefined ? undefined : { state, parent: Number(parent) };
}

function socketsOf(pid: number): string[] {
  const names = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return names.flatMap((name) => /^socket:\[(\d+)\]$/.exec(link(pid, `fd/${name}`) ?? "")?.[1] ?? []);
}

function read(pid: number, name: string): string | undefined {
  return attempt(() => readFileSync(`/proc/${pid}/${name}`, "utf8"));
}

function link(pid: number, name: string): string | undefined {
  return attempt(() => readlinkSync(`/proc/${pid}/${name}`));
}

/** Processes come and go while they are read, and others' are closed to us: then there is nothing to know. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
