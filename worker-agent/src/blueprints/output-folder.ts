/** Where the outputs of an instance go: below this node's outputs, and nowhere else. */
import { isAbsolute, join, relative, sep } from "node:path";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { DataRoot } from "../host/data-root.ts";
import { LaunchError } from "./runtime.ts";

/** By its `outputPath`, else by its name. Throws `LaunchError` for a path that leads out. */
export function outputFolderOf(root: DataRoot, instance: DesiredInstance): string {
  const found = findOutputFolder(root, instance);
  if (found === undefined) throw badOutputPath(pathOf(instance));
  return found;
}

/** As `outputFolderOf`, but undefined for a path that leads out: then there is no such folder. */
export function findOutputFolder(root: DataRoot, instance: DesiredInstance): string | undefined {
  const path = pathOf(instance);
  const inside = relative(root.outputsDir, join(root.outputsDir, path));
  const leadsOut = isAbsolute(path) || inside === "" || inside.split(sep)[0] === ".." || path.includes("\0");
  return leadsOut ? undefined : join(root.outputsDir, inside);
}

function pathOf({ outputPath, name, folder }: DesiredInstance): string {
  return outputPath || (name.includes("/") ? folder : name);
}

export function badOutputPath(path: string): LaunchError {
  return new LaunchError(
    "bad_output_path",
    `The output path ${JSON.stringify(path)} does not lie below this node's outputs.`,
    "Give a relative path without .. such as my-app/images.",
  );
}
