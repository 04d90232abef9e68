/** What this node says about itself when it dials in. */
import type { EnvironmentFacts, Facts, Hosting } from "@roundhouse/protocol/facts";
import { hostname } from "node:os";
import type { DataRoot } from "./data-root.ts";
import { readDocker } from "./docker.ts";
import { createGpuReader, type GpuReader } from "./gpus/detect.ts";
import { machineId, readCpuAndMemory, readDisk, readOs } from "./machine.ts";

/** The data root must exist. Takes a few seconds at most, where a GPU tool hangs. */
export async function readFacts(options: {
  dataRoot: DataRoot;
  isolation: Facts["isolation"];
  platform: string;
  hosting: Hosting;
  readGpus?: GpuReader;
  readEnvironments: () => Promise<EnvironmentFacts>;
}): Promise<Facts> {
  const { dataRoot, isolation, platform, hosting, readGpus = createGpuReader(), readEnvironments } = options;
  const [id, os, machine, disk, gpus, docker, environments] = await Promise.all([
    machineId(dataRoot),
    readOs(),
    readCpuAndMemory(),
    readDisk(dataRoot.path),
    readGpus(),
    readDocker(),
    readEnvironments(),
  ]);
  return {
    hostname: hostname(),
    machineId: id,
    platform,
    os,
    ...machine,
    disk,
    gpus: gpus.map((gpu) => gpu.fact),
    docker,
    nodeVersion: process.versions.node,
    isolation,
    hosting,
    environments,
  };
}
