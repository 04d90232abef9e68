/** The catalogue we ship. A Worker has no file system, so the files are part of its bundle as text. */
import comfyuiSource from "../../../blueprints/comfyui/blueprint.sh";
import comfyuiIcon from "../../../blueprints/comfyui/icon.svg";
import comfyuiReadme from "../../../blueprints/comfyui/README.md";
import helloSource from "../../../blueprints/hello/blueprint.sh";
import helloIcon from "../../../blueprints/hello/icon.svg";
import helloReadme from "../../../blueprints/hello/README.md";
import jupyterSource from "../../../blueprints/jupyter/blueprint.sh";
import jupyterIcon from "../../../blueprints/jupyter/icon.svg";
import jupyterReadme from "../../../blueprints/jupyter/README.md";
import nodeRedSource from "../../../blueprints/node-red/blueprint.sh";
import nodeRedIcon from "../../../blueprints/node-red/icon.svg";
import nodeRedReadme from "../../../blueprints/node-red/README.md";
import { describeBlueprint } from "./describe.ts";
import type { CatalogueEntry } from "./entry.ts";

/** One line a blueprint; the name is its folder's. */
export const SHIPPED: readonly CatalogueEntry[] = [
  bash("comfyui", comfyuiSource, comfyuiReadme, comfyuiIcon),
  bash("hello", helloSource, helloReadme, helloIcon),
  bash("jupyter", jupyterSource, jupyterReadme, jupyterIcon),
  bash("node-red", nodeRedSource, nodeRedReadme, nodeRedIcon),
];

function bash(name: string, source: string, readme: string, icon: string): CatalogueEntry {
  const described = describeBlueprint(name, "bash", source);
  return { id: name, name, kind: "bash", ...described, source, origin: "shipped", icon, readme };
}
