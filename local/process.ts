/** Facts about processes that tell a stale pid file, or an orphan on our port, from a stranger. Linux; elsewhere less is known. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** The start time of a process in clock ticks since boot; undefined when there is no such process, or when it has ended. */
export function startTimeOf(pid: number): number | undefined {
  const fields = statFields(pid);
  // One that ended but was not reaped (Z) stays in the table, in some containers for ever.
  if (fields) return fields[0] === "Z" ? undefined : Number(fields[19]);
  if (process.platform === "linux") return undefined;
  try {
    process.kill(pid, 0);
    return 0;
  } catch {
    // No such process: the one answer that signal 0 gives.
    return undefined;
  }
}

/** `isOrphan`: the Node program that started it is gone; init or a session manager has adopted it. */
export type Listener = { pid: number; program: string; isOrphan: boolean };

/** Who listens on a TCP port of this machine, as far as /proc tells. */
export function listenerOn(port: number): Listener | undefined {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of pids()) {
    if (!socketsOf(pid).some((inode) => inodes.has(inode))) continue;
    return { pid, program: programOf(pid), isOrphan: isOrphan(pid) };
  }
  return undefined;
}

/** Taken over by pid 1, or by another process that adopts (a user's systemd): not the child of a Node program any more. */
function isOrphan(pid: number): boolean {
  const parent = Number(statFields(pid)?.[1]);
  return parent === 1 || programOf(parent) !== basename(process.execPath);
}

function programOf(pid: number): string {
  return attempt(() => basename(readlinkSync(`/proc/${pid}/exe`))) ?? "unknown";
}

/** The fields of /proc/<pid>/stat behind the name: state, ppid, pgrp, session, … */
function statFields(pid: number): string[] | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = (attempt(() => readFileSync(table, "utf8")) ?? "").split("\n").slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A" && fields[1]?.endsWith(`:${hexPort}`))
    .map((fields) => fields[9] ?? "");
}

function pids(): number[] {
  return (attempt(() => readdirSync("/proc")) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
}

function socketsOf(pid: number): string[] {
  const fds = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return fds.map(
    (fd) => /^socket:\[(\d+)\]$/.exec(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? "")?.[1] ?? "",
  );
}

/** Processes come and go while they are read, and other users' are closed to us: then there is nothing to know. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
