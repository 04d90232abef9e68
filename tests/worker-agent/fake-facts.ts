/** Facts of a node that exists in tests only. */
import type { Facts } from "@roundhouse/protocol/facts";

const GIB = 1024 ** 3;

export function fakeFacts(changes: Partial<Facts> = {}): Facts {
  return {
    hostname: "box",
    machineId: "machine",
    platform: "local",
    os: { name: "Debian", version: "12", kernel: "6", arch: "x64" },
    cpu: { model: "cpu", cores: 2 },
    memoryTotalBytes: 8 * GIB,
    disk: { path: "/data", totalBytes: 50 * GIB, freeBytes: 10 * GIB },
    gpus: [],
    docker: { available: false, reason: "no socket" },
    nodeVersion: "24",
    isolation: { mode: "same-user", reason: "test" },
    ...changes,
  };
}
