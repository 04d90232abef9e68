/** Which needs of a blueprint a node's facts do not meet, and in which words. */
import { describe, expect, it } from "vitest";
import { NO_NEEDS } from "@roundhouse/protocol/blueprint";
import type { Gpu, Hosting } from "@roundhouse/protocol/facts";
import { describeLacks, lacksOf } from "@roundhouse/protocol/needs";
import { fakeFacts } from "../worker-agent/fake-facts.ts";

const GIB = 1024 ** 3;

describe("what a node lacks", () => {
  it("is nothing when nothing is needed", () => {
    expect(lacksOf(NO_NEEDS, fakeFacts())).toEqual([]);
  });

  it("names every lack with what was found", () => {
    const needs = {
      gpu: "nvidia" as const,
      gpuMemoryBytes: 8 * GIB,
      diskBytes: 20 * GIB,
      docker: true,
      platforms: ["arm64", "vast"],
    };
    const lacks = lacksOf(needs, fakeFacts({ gpus: [gpu(0, 6)] }));
    expect(lacks.map(({ need }) => need)).toEqual(["platform", "platform", "gpu_memory", "disk", "docker"]);
    expect(describeLacks(lacks)).toBe(
      "needs a processor of the kind arm64; the one there is x64, and needs the platform vast; that node is local, " +
        "and needs 8 GiB of GPU memory; the largest GPU there has 6 GiB, " +
        "and needs 20 GiB of free disk space; 10 GiB are free there, " +
        "and needs Docker; it is not usable there (no socket)",
    );
  });

  it("counts only GPUs of the vendor, and of those only the chosen ones", () => {
    const needs = { ...NO_NEEDS, gpu: "nvidia" as const, gpuMemoryBytes: 8 * GIB };
    const two = fakeFacts({ gpus: [gpu(0, 6), gpu(1, 24), { ...gpu(2, 48), vendor: "amd" }] });
    expect(lacksOf(needs, two)).toEqual([]);
    expect(lacksOf(needs, two, ["GPU-1"])).toEqual([]);
    expect(lacksOf(needs, two, ["0"])).toMatchObject([
      { need: "gpu_memory", found: "the largest GPU chosen has 6 GiB" },
    ]);
    expect(lacksOf(needs, two, ["2"])).toMatchObject([
      { need: "gpu", wanted: "an NVIDIA GPU", found: "there is Card 2" },
    ]);
    expect(lacksOf(needs, two, ["7"])).toMatchObject([{ need: "gpu", found: "none of the chosen ones is there" }]);
  });

  it("needs some GPU when only its memory is stated", () => {
    const needs = { ...NO_NEEDS, gpuMemoryBytes: GIB };
    expect(lacksOf(needs, fakeFacts())).toMatchObject([{ need: "gpu", wanted: "a GPU", found: "there is none" }]);
  });

  it("takes a card for as large as it is sold", () => {
    const tesla = { ...gpu(0, 0), memoryTotalBytes: 15_109 * 1024 ** 2 };
    expect(lacksOf({ ...NO_NEEDS, gpuMemoryBytes: 16 * GIB }, fakeFacts({ gpus: [tesla] }))).toEqual([]);
  });

  it("counts what the installation takes already", () => {
    const needs = { ...NO_NEEDS, diskBytes: 20 * GIB };
    expect(lacksOf(needs, fakeFacts(), [], 8 * GIB)).toMatchObject([{ wanted: "12 GiB of free disk space" }]);
    expect(lacksOf(needs, fakeFacts(), [], 12 * GIB)).toEqual([]);
    expect(lacksOf(needs, fakeFacts(), [], Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it("is everything while the node takes no launches", () => {
    const mode = { mode: "minimal" as const, reason: "300 MiB are free" };
    expect(lacksOf(NO_NEEDS, fakeFacts({ hosting: { ...HOSTING, mode } }))).toMatchObject([
      { need: "mode", found: "that one is in minimal mode: 300 MiB are free" },
    ]);
    expect(lacksOf(NO_NEEDS, fakeFacts({ hosting: HOSTING }))).toEqual([]);
  });

  it("takes any of the platforms that are named", () => {
    expect(lacksOf({ ...NO_NEEDS, platforms: ["arm64", "x64"] }, fakeFacts())).toEqual([]);
    expect(lacksOf({ ...NO_NEEDS, platforms: ["vast", "local"] }, fakeFacts())).toEqual([]);
  });
});

const HOSTING: Hosting = {
  detectedBy: "none",
  evidence: null,
  root: false,
  container: false,
  inboundPorts: "unknown",
  persistentRoot: null,
  survivesStop: "everything",
  idleLimitMinutes: null,
  timeLimitHours: null,
  apps: { policy: "allowed" },
  mode: { mode: "full" },
};

function gpu(index: number, gib: number): Gpu {
  return { index, id: `GPU-${index}`, vendor: "nvidia", name: `Card ${index}`, memoryTotalBytes: gib * GIB };
}
