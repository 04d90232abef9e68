/** What a node suggests for the versions of an environment, as options of a field. */
import type { NodeVersions } from "@roundhouse/protocol/api/versions";

export type VersionField = "pythonVersion" | "cudaVersion" | "torchVersion";
export type Choice = { value: string; label: string };

export function isVersionField(field: string): field is VersionField {
  return field === "pythonVersion" || field === "cudaVersion" || field === "torchVersion";
}

/** With a CUDA version chosen, the versions of PyTorch that are built for it. */
export function versionChoices(field: VersionField, versions: NodeVersions, cuda: string | null): Choice[] {
  switch (field) {
    case "pythonVersion":
      return versions.pythons.map(({ version, source }) => {
        return { value: version, label: source === "installed" ? "installed" : "fetched for the environment" };
      });
    case "cudaVersion":
      return versions.cuda.versions.map((value) => ({ value, label: "served by its driver" }));
    case "torchVersion":
      return versions.torch
        .filter((one) => !cuda || one.cuda.includes(cuda))
        .map(({ version, cuda: builds }) => ({ value: version, label: `for CUDA ${builds.join(", ")}` }));
  }
}
