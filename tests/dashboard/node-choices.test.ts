/** What a blueprint needs, and which nodes may take it. */
import { describe, expect, it } from "vitest";
import type { Node } from "@roundhouse/protocol/api/node";
import { NO_NEEDS } from "@roundhouse/protocol/blueprint";
import { needsInShort } from "../../dashboard/src/catalogue/needs-words.ts";
import { nodeChoices } from "../../dashboard/src/catalogue/node-choices.ts";

const GIB = 1024 ** 3;
const NEEDS = { ...NO_NEEDS, gpu: "nvidia", gpuMemoryBytes: 8 * GIB, diskBytes: 20 * GIB, docker: true } as const;

function node(name: string, change: object = {}, facts: object = {}): Node {
  const all = { platform: "local", os: { arch: "x64" }, gpus: [], disk: { freeBytes: GIB }, ...facts };
  const docker = { available: false, reason: "no socket" };
  return { id: name, name, status: "online", gpus: [], facts: { docker, ...all }, ...change } as unknown as Node;
}

describe("needs", () => {
  it("are told in a few words", () => {
    expect(needsInShort(NO_NEEDS)).toBeUndefined();
    expect(needsInShort(NEEDS)).toBe("an NVIDIA GPU with 8 GiB, 20 GiB of disk, Docker");
    expect(needsInShort({ ...NO_NEEDS, gpuMemoryBytes: 6 * GIB })).toBe("a GPU with 6 GiB");
    expect(needsInShort({ ...NO_NEEDS, platforms: ["x64", "arm64"] })).toBe("x64 or arm64");
  });
});

describe("the nodes for a blueprint", () => {
  it("that lack something, are offline or limited come last, with the reason", () => {
    const limited = { hosting: { mode: { mode: "read-only", reason: "The folder cannot be written." } } };
    const nodes = [node("away", { status: "offline" }), node("poor"), node("stuck", {}, limited), node("fits")];
    const choices = nodeChoices(nodes, { ...NO_NEEDS, diskBytes: 2 * GIB });
    expect(choices.map(({ node: { name }, why }) => [name, why?.short])).toEqual([
      ["away", "offline"],
      ["poor", "does not fit"],
      ["stuck", "does not fit"],
      ["fits", "does not fit"],
    ]);
    expect(nodeChoices(nodes, NO_NEEDS).map(({ node: { name }, why }) => [name, why?.short])).toEqual([
      ["poor", undefined],
      ["fits", undefined],
      ["away", "offline"],
      ["stuck", "does not fit"],
    ]);
    expect(choices[1]?.why?.reasons).toEqual(["It needs 2 GiB of free disk space; 1 GiB are free there."]);
    expect(choices[2]?.why?.reasons[0]).toContain("read-only mode: The folder cannot be written.");
  });

  it("that have told nothing yet are not refused", () => {
    expect(nodeChoices([node("new", { facts: null })], NEEDS)[0]?.why).toBeUndefined();
  });
});
