/** The platforms that machines are rented on: how each is told, what it keeps and how long, and its rules about app URLs. */
import type { Hosting } from "@roundhouse/protocol/facts";
import { COLAB_RULE, KAGGLE_RULE } from "@roundhouse/protocol/platform-rules";
import { hasPath, type HostView, isContainer, isMount, valueOf } from "./view.ts";

export type Kept = Pick<Hosting, "persistentRoot" | "survivesStop">;

export type Platform = {
  name: string;
  /** One that matches tells; of a list of names, all together. */
  variables: (RegExp | string[])[];
  /** Told by these where no variable does; of a list, all together. */
  paths: (string | string[])[];
  inboundPorts: Hosting["inboundPorts"];
  idleLimitMinutes: number | null;
  /** On the smallest plan. */
  timeLimitHours(view: HostView): number | null;
  apps: Hosting["apps"];
  kept(view: HostView): Kept;
  /** Where to keep everything, the best first; none where the usual place does. */
  dataRoots(view: HostView): string[];
};

const EVERYTHING: Kept = { persistentRoot: "/", survivesStop: "everything" };
const NOTHING: Kept = { persistentRoot: null, survivesStop: "nothing" };
const UNKNOWN: Kept = { persistentRoot: null, survivesStop: "unknown" };
const only = (persistentRoot: string): Kept => ({ persistentRoot, survivesStop: "persistent-root" });

const UNLIMITED = { idleLimitMinutes: null, timeLimitHours: () => null, apps: { policy: "allowed" } } as const;

const WORKSPACE = "/workspace";
const STUDIO = "/teamspace/studios/this_studio";
const DRIVE = "/content/drive";
const MY_DRIVE = `${DRIVE}/MyDrive`;
const KAGGLE_WORKING = "/kaggle/working";
/** Google's images bring the module with whatever Python they have. */
const COLAB_MODULES = [10, 11, 12, 13, 14].map((minor) => `/usr/local/lib/python3.${minor}/dist-packages/google/colab`);

/**
 * In the order they are asked: Kaggle's image is built from Colab's and carries its variables. `CONTAINER_ID` alone is
 * anybody's, and `/workspace` is found on Vast, RunPod and elsewhere, so neither tells.
 */
export const PLATFORMS: Platform[] = [
  {
    name: "kaggle",
    variables: [/^KAGGLE_(KERNEL_RUN_TYPE|URL_BASE)$/],
    paths: [KAGGLE_WORKING],
    inboundPorts: "none",
    idleLimitMinutes: null,
    timeLimitHours: () => 12,
    apps: { policy: "confirm", rule: KAGGLE_RULE },
    kept: () => only(KAGGLE_WORKING),
    dataRoots: () => [`${KAGGLE_WORKING}/worker-agent`],
  },
  {
    name: "colab",
    variables: [/^COLAB_(RELEASE_TAG|GPU|BACKEND_VERSION)$/],
    paths: COLAB_MODULES,
    inboundPorts: "none",
    idleLimitMinutes: 90,
    timeLimitHours: () => 12,
    apps: { policy: "confirm", rule: COLAB_RULE },
    kept: (view) => (isMount(view, DRIVE) ? only(MY_DRIVE) : NOTHING),
    dataRoots: (view) => [...(isMount(view, DRIVE) ? [`${MY_DRIVE}/worker-agent`] : []), "/content/worker-agent"],
  },
  {
    name: "lightning",
    variables: [/^LIGHTNING_(CLOUD_SPACE_ID|CLOUD_PROJECT_ID|CLUSTER_ID|CLOUDSPACE_HOST)$/],
    paths: [STUDIO],
    inboundPorts: "some",
    ...UNLIMITED,
    kept: () => only(STUDIO),
    dataRoots: () => [`${STUDIO}/.worker-agent`],
  },
  {
    name: "runpod",
    variables: [/^RUNPOD_(POD_ID|DC_ID|PUBLIC_IP|TCP_PORT_\d+)$/],
    paths: ["/etc/rp_environment"],
    inboundPorts: "some",
    ...UNLIMITED,
    // The container's own disk is cleared by a stop; without a volume /workspace is a folder on it.
    kept: (view) => (isMount(view, WORKSPACE) ? only(WORKSPACE) : NOTHING),
    dataRoots: (view) => (isMount(view, WORKSPACE) ? [`${WORKSPACE}/worker-agent`] : []),
  },
  {
    name: "vast",
    variables: [/^VAST_(CONTAINERLABEL|TCP_PORT_\d+)$/, ["CONTAINER_ID", "CONTAINER_API_KEY"]],
    paths: ["/root/.vast_containerlabel"],
    inboundPorts: "some",
    ...UNLIMITED,
    kept: () => EVERYTHING,
    dataRoots: (view) => {
      const named = valueOf(view, "DATA_DIRECTORY")?.replace(/\/+$/, "");
      if (named?.startsWith("/") && hasPath(view, named)) return [`${named}/worker-agent`];
      return isMount(view, WORKSPACE) ? [`${WORKSPACE}/worker-agent`] : [];
    },
  },
  {
    name: "paperspace",
    variables: [/^PAPERSPACE_(FQDN|CLUSTER_ID)$/],
    paths: [["/notebooks", "/storage"], "/home/paperspace"],
    inboundPorts: "unknown",
    ...UNLIMITED,
    timeLimitHours: (view) => (notebookRoot(view) === undefined ? null : 6),
    kept: (view) => {
      const root = notebookRoot(view);
      return root === undefined ? EVERYTHING : only(root);
    },
    dataRoots: (view) => [notebookRoot(view)].flatMap((root) => (root === undefined ? [] : [`${root}/worker-agent`])),
  },
];

/** No platform: a machine of one's own. */
export const LOCAL: Platform = {
  name: "local",
  variables: [],
  paths: [],
  inboundPorts: "unknown",
  ...UNLIMITED,
  kept: (view) => (isContainer(view) ? UNKNOWN : EVERYTHING),
  dataRoots: () => [],
};

/** Somebody's container, but whose? */
export const UNKNOWN_PLATFORM: Platform = { ...LOCAL, name: "unknown", kept: () => UNKNOWN };

/** Where a Paperspace notebook keeps things; a machine of theirs ("Core") has neither and keeps everything. */
function notebookRoot(view: HostView): string | undefined {
  return ["/storage", "/notebooks"].find((path) => hasPath(view, path));
}
