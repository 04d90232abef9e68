/** Where the outputs of an instance go: below this node's outputs, and nowhere else. */
import { isAbsolute, join, relative, sep } from "node:path";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { DataRoot } from "../host/data-root.ts";
import { LaunchError } from "./runtime.ts";

/** By its `outputPath`, else by its name. Throws `LaunchError` for a path that leads out. */
export function outputFolderOf(root: DataRoot, { outputPath, name, folder }: DesiredInstance): string {
  const path = outputPath || (name.includes("/") ? folder : name);
  const inside = relative(root.outputsDir, join(root.outputsDir, path));
  if (isAbsolute(path) || inside === "" || inside.split(sep)[0] === ".." || path.includes("\0")) {
    throw badOutputPath(path);
  }
  return join(root.outputsDir, inside);
}

export function badOutputPath(path: string): LaunchError {
  return new LaunchError(
    "bad_output_path",
    `The output path ${JSON.stringify(path)} does not lie below this node's outputs.`,
    "Give a relative path without .. such as my-app/images.",
  );
}
