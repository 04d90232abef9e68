/** A version report in words: what stands around an environment, and all of it as a text to pass on. */
import type { VersionReport } from "@roundhouse/protocol/api/versions";
import { formatBytes } from "../parts/format.ts";

export type Fact = readonly [name: string, value: string];

export function factsOf({ environment, torch, host, checkedAt }: VersionReport): Fact[] {
  const { os, cpu, memoryTotalBytes, gpus } = host;
  return [
    ...(environment ? environmentFacts(environment) : []),
    ...(torch ? torchFacts(torch) : []),
    ["System", `${os.name} ${os.version} (${os.arch})`],
    ["Processor", `${cpu.cores} × ${cpu.model}`],
    ["Memory", formatBytes(memoryTotalBytes)],
    ...gpus.map(({ index, name, memoryTotalBytes: bytes, driver }): Fact => {
      return [`GPU ${index}`, `${name}, ${formatBytes(bytes)}${driver === undefined ? "" : `, driver ${driver}`}`];
    }),
    ["Checked", new Date(checkedAt).toLocaleString()],
  ];
}

function environmentFacts({ kind, path, python }: NonNullable<VersionReport["environment"]>): Fact[] {
  return [
    ["Python", python],
    ["Environment", `${kind} at ${path}`],
  ];
}

function torchFacts({ cuda, cudaAvailable }: NonNullable<VersionReport["torch"]>): Fact[] {
  return [
    ["PyTorch's CUDA", cuda ?? "none: built for the processor"],
    ["PyTorch sees a GPU", cudaAvailable ? "yes" : "no"],
  ];
}

export function inText(name: string, report: VersionReport): string {
  const { packages, conflicts } = report;
  const there = packages.map(({ name: one, version }): Fact => [one, version ?? "not installed"]);
  const rows = [...factsOf(report), ...there].map(([key, value]) => `${key}: ${value}`);
  return [name, ...rows, ...(conflicts ?? []).map((conflict) => `conflict: ${conflict}`)].join("\n");
}
