/** On whose platform this host is rented, as far as that shows. */
import { existsSync, readFileSync } from "node:fs";

type Platform = { name: string; variables: RegExp; paths: string[] };

/**
 * In this order: Kaggle's image is built from Colab's and carries its variables. `CONTAINER_ID` alone is anybody's,
 * and `/workspace` is found on Vast, RunPod and elsewhere, so neither names a platform.
 */
const PLATFORMS: Platform[] = [
  { name: "kaggle", variables: /^KAGGLE_(KERNEL_RUN_TYPE|URL_BASE)$/, paths: ["/kaggle/working"] },
  {
    name: "colab",
    variables: /^COLAB_(RELEASE_TAG|GPU|BACKEND_VERSION)$/,
    paths: [
      "/usr/local/lib/python3.12/dist-packages/google/colab",
      "/usr/local/lib/python3.13/dist-packages/google/colab",
    ],
  },
  {
    name: "lightning",
    variables: /^LIGHTNING_(CLOUD_SPACE_ID|CLOUD_PROJECT_ID|CLUSTER_ID|CLOUDSPACE_HOST)$/,
    paths: ["/teamspace/studios/this_studio"],
  },
  { name: "runpod", variables: /^RUNPOD_(POD_ID|DC_ID|PUBLIC_IP|TCP_PORT_\d+)$/, paths: ["/etc/rp_environment"] },
  { name: "vast", variables: /^VAST_(CONTAINERLABEL|TCP_PORT_\d+)$/, paths: [] },
  { name: "paperspace", variables: /^PAPERSPACE_(FQDN|CLUSTER_ID)$/, paths: [] },
];

/**
 * `override` wins; then variables, then files. `unknown` where only `/workspace` shows (somebody's container, but
 * whose?), else `local`. SSH shells often lack the container's variables, so those of process 1 are looked at too.
 */
export function detectPlatform(
  options: {
    override?: string;
    env?: Record<string, string | undefined>;
    exists?: (path: string) => boolean;
    firstProcessVariables?: () => string[];
  } = {},
): string {
  const { override, env = process.env, exists = existsSync, firstProcessVariables = readFirstProcess } = options;
  if (override) return override;
  return (
    byVariables(Object.keys(env).filter((name) => env[name])) ??
    byVariables(firstProcessVariables()) ??
    PLATFORMS.find((one) => one.paths.some(exists))?.name ??
    (exists("/workspace") ? "unknown" : "local")
  );
}

function byVariables(names: string[]): string | undefined {
  return PLATFORMS.find((one) => names.some((name) => one.variables.test(name)))?.name;
}

function readFirstProcess(): string[] {
  try {
    return readFileSync("/proc/1/environ", "utf8")
      .split("\0")
      .map((entry) => entry.split("=")[0] ?? "");
  } catch {
    // Another user's process, or no /proc: it says nothing.
    return [];
  }
}
