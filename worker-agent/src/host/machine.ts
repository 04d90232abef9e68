/** This machine: its stable id, its operating system, processor, memory and disk. */
import type { Facts } from "@roundhouse/protocol/facts";
import { createHash, randomBytes } from "node:crypto";
import { readFile, statfs, writeFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, hostname, release, totalmem } from "node:os";
import { join } from "node:path";
import { isGone } from "./absent.ts";
import { readCgroup } from "./cgroup.ts";
import type { DataRoot } from "./data-root.ts";
import { isContainer, viewHost } from "./view.ts";

/**
 * The same for every agent on this machine and another on any other. Containers often bring the /etc/machine-id of
 * their image, so there the host name (unique per container) counts as well. Hashed, since machine ids are
 * confidential (machine-id(5)); without one, a random id is kept in the data root.
 */
export async function machineId(root: DataRoot): Promise<string> {
  const own = (await readFile("/etc/machine-id", "utf8").catch(isGone))?.trim();
  if (!own) return keptRandomId(join(root.path, "machine-id"));
  return digest(["roundhouse machine", own, ...(isContainer(viewHost()) ? [hostname()] : [])]);
}

export async function readOs(releaseFile = "/etc/os-release"): Promise<Facts["os"]> {
  const values = parseOsRelease((await readFile(releaseFile, "utf8").catch(isGone)) ?? "");
  return {
    name: values["NAME"] ?? "Linux",
    version: values["VERSION_ID"] ?? values["BUILD_ID"] ?? "",
    kernel: release(),
    arch: arch(),
  };
}

/** os-release(5): shell assignments, values quoted or not. */
export function parseOsRelease(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name && value !== undefined) values[name] = value.replace(/^(["'])(.*)\1$/, "$2").replace(/\\(.)/g, "$1");
  }
  return values;
}

/** Cores and memory that this process may use, not what the host has. */
export async function readCpuAndMemory(): Promise<{ cpu: Facts["cpu"]; memoryTotalBytes: number }> {
  const limits = await readCgroup();
  const cores = Math.min(availableParallelism(), Math.max(1, Math.ceil(limits.cpuLimitCores)));
  return {
    cpu: { model: cpus()[0]?.model.trim() || "unknown", cores },
    memoryTotalBytes: Math.min(totalmem(), limits.memoryLimitBytes),
  };
}

export async function readDisk(path: string): Promise<Facts["disk"]> {
  const { bsize, blocks, bavail } = await statfs(path);
  return { path, totalBytes: bsize * blocks, freeBytes: bsize * bavail };
}

async function keptRandomId(file: string): Promise<string> {
  const kept = (await readFile(file, "utf8").catch(isGone))?.trim();
  if (kept) return kept;
  const fresh = randomBytes(16).toString("hex");
  try {
    await writeFile(file, `${fresh}\n`, { mode: 0o600 });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    // A disk that takes nothing: the same until the next boot, at least.
    return digest([await readFile("/proc/sys/kernel/random/boot_id", "utf8"), hostname()]);
  }
}

function digest(evidence: string[]): string {
  return createHash("sha256").update(evidence.join("\n")).digest("hex").slice(0, 32);
}
