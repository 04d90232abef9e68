/** What a node suggests for the versions of an environment. */
import { expect, it } from "vitest";
import type { NodeVersions } from "@roundhouse/protocol/api/versions";
import { isVersionField, versionChoices } from "../../dashboard/src/environment/version-choices.ts";

const VERSIONS: NodeVersions = {
  pythons: [
    { version: "3.13", source: "fetched" },
    { version: "3.11", source: "installed" },
  ],
  cuda: { driver: "12.9", versions: ["12.8"] },
  torch: [
    { version: "2.10.0", cuda: ["13.0", "12.8"] },
    { version: "2.5.1", cuda: ["12.4"] },
  ],
  torchSource: "index",
};

it("a field offers its own versions, and PyTorch's those that are built for the chosen CUDA", () => {
  const values = (field: string, cuda: string | null = null) =>
    isVersionField(field) ? versionChoices(field, VERSIONS, cuda).map(({ value }) => value) : [];
  expect(values("pythonVersion")).toEqual(["3.13", "3.11"]);
  expect(values("cudaVersion")).toEqual(["12.8"]);
  expect(values("torchVersion")).toEqual(["2.10.0", "2.5.1"]);
  expect(values("torchVersion", "12.8")).toEqual(["2.10.0"]);
  expect(values("port")).toEqual([]);
});

it("a choice says what it means", () => {
  expect(versionChoices("pythonVersion", VERSIONS, null).map(({ label }) => label)).toEqual([
    "fetched for the environment",
    "installed",
  ]);
  expect(versionChoices("torchVersion", VERSIONS, null)[0]?.label).toBe("for CUDA 13.0, 12.8");
});
