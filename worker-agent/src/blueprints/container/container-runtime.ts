/** Runs blueprints that are a container: the keeper's child is our own program, which holds the container (containers/). */
import type { ContainerSpec } from "@roundhouse/protocol/container";
import { describeProblem } from "@roundhouse/protocol/blueprint-check";
import { readContainer } from "@roundhouse/protocol/container-blueprint";
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import { plainVariables, secretVariableNames } from "@roundhouse/protocol/variables";
import { chown, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ContainerJob, SECRET_PREFIX } from "../../containers/job.ts";
import { resolveMounts } from "../../containers/mounts.ts";
import { runsAs } from "../../containers/runs-as.ts";
import { engineSocket, readDocker } from "../../host/docker.ts";
import type { DataRoot } from "../../host/data-root.ts";
import { baseEnvironment } from "../../host/environment.ts";
import { type InstanceFolders, instanceFolders, makeClosedFolders } from "../folders.ts";
import { writeOwned } from "../owned-file.ts";
import { ownSource, readOwnSource } from "../own-source.ts";
import { type AppUser, type BlueprintRuntime, type Family, LaunchError, type PrepareInput } from "../runtime.ts";

const OWN_BLUEPRINT = OWN_SOURCE.container;
const JOB_FILE_END = ".container.json";
const PRIVATE = 0o600;
/** Shorter than the keeper's, so that the engine's SIGKILL comes before its own. */
const STOP_GRACE_SECONDS = 8;

export type ContainerRuntimeOptions = {
  /** The file of the program that holds containers. */
  program: () => Promise<string>;
  /** Folders of the host that its owner lets containers have. */
  allowedMounts: readonly string[];
};

export function containerRuntime(options: ContainerRuntimeOptions): BlueprintRuntime {
  return {
    kind: "container",
    needsSource: async (input) => (await readOwnSource(input, OWN_BLUEPRINT)) === undefined,
    async prepare(input) {
      await requireEngine();
      const folders = instanceFolders(input);
      await makeClosedFolders(folders, input.root, input.user);
      const spec = readSpec(await ownSource(input, OWN_BLUEPRINT));
      const job = await jobOf(input, folders, spec, options);
      const jobFile = jobFileOf(input);
      await writeOwned(jobFile, JSON.stringify(job), PRIVATE, null);
      return {
        ...{ command: process.execPath, args: [await options.program(), "run", jobFile], cwd: folders.confDir },
        env: {
          ...baseEnvironment({ home: folders.homeDir }),
          INSTANCE_CONF_DIR: folders.confDir,
          WEBUI_PORT: String(input.port),
        },
        asAgent: true,
        secretPrefix: SECRET_PREFIX,
        ready: spec.ready ?? "listening",
      };
    },
    surroundings: async (input) => {
      const folders = instanceFolders(input);
      const env = { ...baseEnvironment({ home: folders.homeDir }), INSTANCE_CONF_DIR: folders.confDir };
      const args = [await options.program(), "shell", jobFileOf(input)];
      return { cwd: folders.confDir, env, asAgent: true, shell: { command: process.execPath, args } };
    },
  };
}

/** Throws `LaunchError`. */
export async function requireEngine(): Promise<void> {
  const docker = await readDocker();
  if (docker.available) return;
  throw new LaunchError(
    "no_docker",
    `this node has no Docker engine: ${docker.reason}`,
    "Install Docker there, or let the agent's user open its socket. Rented containers mostly cannot have it.",
  );
}

function readSpec(source: string): ContainerSpec {
  const { spec, problems } = readContainer(source);
  if (spec) return spec;
  const [first] = problems;
  throw new LaunchError("bad_container", `container.yaml: ${first ? describeProblem(first) : "it is empty"}`);
}

async function jobOf(
  input: PrepareInput,
  folders: InstanceFolders,
  spec: ContainerSpec,
  { allowedMounts }: ContainerRuntimeOptions,
): Promise<ContainerJob> {
  const { instance, root, port, namedPorts, launch, user, rebuilds } = input;
  const socketPath = engineSocket();
  const places = {
    own: folders.confDir,
    named: { models: root.modelsDir, outputs: folders.outputDir },
    allowed: allowedMounts,
    hidden: hiddenPlaces(root, socketPath),
  };
  const mounts = await resolveMounts(spec, places);
  const runsAsUser = await giveMounts(spec, mounts, { own: folders.confDir, user });
  const numberOf = (name: string) => namedPorts.find((one) => one.name === name)?.port;
  return {
    socketPath,
    owner: { root: root.path, instance: instance.id, launch },
    // An environment made anew is the image of that tag as it is now.
    spec: { ...spec, user: runsAsUser, ...(rebuilds && { pull: "always" }) },
    mounts,
    main: { from: port, to: spec.port },
    ports: Object.entries(spec.ports).flatMap(([name, to]) => {
      const from = numberOf(name);
      return from === undefined ? [] : [{ from, to }];
    }),
    env: { ...spec.env, ...plainVariables(instance.env) },
    secrets: secretVariableNames(instance.env),
    gpuIds: instance.gpuIds,
    stopGraceSeconds: STOP_GRACE_SECONDS,
  };
}

/** The agent's own data, the engine's, and its socket. */
export function hiddenPlaces(root: DataRoot, socketPath: string): string[] {
  return [root.path, socketPath, dirname(socketPath), "/var/lib/docker", "/var/lib/containerd"];
}

/** Answers as whom a container runs, and makes the folders over to it that were made in `own` for it. */
export async function giveMounts(
  spec: ContainerSpec,
  mounts: ContainerJob["mounts"],
  { own, user }: { own: string; user: AppUser | null },
): Promise<string | undefined> {
  const runsAsUser = await runsAs(spec, mounts, user ?? ownIds());
  const owner = ownerIds(runsAsUser) ?? user;
  for (const { source } of mounts) {
    if (owner && dirname(source) === own) await chown(source, owner.uid, owner.gid);
  }
  return runsAsUser;
}

function ownIds(): AppUser {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** Who the container runs as, where that is said; only root may give folders away. */
function ownerIds(user: string | undefined): AppUser | undefined {
  if (user === undefined || process.getuid?.() !== 0) return undefined;
  const [uid, gid = uid] = user.split(":").map(Number);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function jobFileOf({ instance, root }: Pick<Family, "instance"> & Pick<PrepareInput, "root">): string {
  return join(root.launchDir, instance.id + JOB_FILE_END);
}

/** Whether any instance of this node was launched as a container; its job file goes with it. */
export async function hasContainerJobs(root: DataRoot): Promise<boolean> {
  return (await readdir(root.launchDir)).some((name) => name.endsWith(JOB_FILE_END));
}
