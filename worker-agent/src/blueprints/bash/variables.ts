/** The variables a bash blueprint starts with, and the file that repeats some of them for its shell. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { DataRoot } from "../../host/data-root.ts";
import { torchIndexFor } from "../../environments/torch-index.ts";
import { baseEnvironment } from "../../host/environment.ts";
import { type Family, LaunchError } from "../runtime.ts";
import type { InstanceFolders } from "../folders.ts";

/** These go into a file that the shell runs. */
const SAFE_VALUE = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

/** The whole environment. A satellite has its parent's name and folder, and everything else of its own. */
export function launchVariables(
  family: Family & { root: DataRoot; port: number },
  folders: InstanceFolders,
): Record<string, string> {
  const { instance, parent, root, port } = family;
  const shared = parent ?? instance;
  const gpus = instance.gpuIds.join(",");
  return {
    ...baseEnvironment({ home: folders.homeDir }),
    // Python keeps its output back when it is no terminal; the log would lag by minutes.
    PYTHONUNBUFFERED: "1",
    WEBUI_PORT: String(port),
    INSTANCE_NAME: shared.name,
    INSTANCE_CONF_DIR: folders.confDir,
    INSTANCE_OUTPUT_DIR: folders.outputDir,
    BLUEPRINT_ID: shared.blueprint.name,
    // Apps have an origin of their own, so they live at its root.
    SUBFOLDER: "/",
    TMPDIR: root.tmpDir,
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    ...(gpus ? { CUDA_VISIBLE_DEVICES: gpus, HIP_VISIBLE_DEVICES: gpus } : {}),
    ...versionVariables(instance, parent),
  };
}

/** Text of aikore_vars.env, rewritten at each start: the chosen versions, and the wheel index that goes with that CUDA. */
export function varsFile(instance: DesiredInstance, parent: DesiredInstance | null): string {
  const { CUDA_VERSION: cuda, ...rest } = versionVariables(instance, parent);
  const lines = Object.entries({
    ...rest,
    ...(cuda ? { CUDA_VERSION: cuda, PYTORCH_INDEX_URL: torchIndexFor(cuda) } : {}),
  });
  return [
    "# Written at each start; edits are lost.",
    ...lines.map(([name, value]) => `export ${name}="${value}"`),
    "",
  ].join("\n");
}

/** A satellite shares the parent's installation, so the parent's versions stand in for those it does not set. */
function versionVariables(instance: DesiredInstance, parent: DesiredInstance | null): Record<string, string> {
  const chosen = {
    PYTHON_VERSION: instance.pythonVersion || parent?.pythonVersion,
    CUDA_VERSION: instance.cudaVersion || parent?.cudaVersion,
    TORCH_VERSION: instance.torchVersion || parent?.torchVersion,
  };
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(chosen)) {
    if (!value) continue;
    if (!SAFE_VALUE.test(value)) throw badVersion(name, value);
    variables[name] = value;
  }
  return variables;
}

function badVersion(name: string, value: string): LaunchError {
  return new LaunchError(
    "bad_version",
    `${name} is ${JSON.stringify(value)}, which is no version.`,
    "Write it like 3.12, 13.0 or 2.10.0.",
  );
}
