/** A channel to a container: our own program holds it, and is spoken to in its place (SPEC MC1, CT2–CT7). */
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { ContainerSpec } from "@roundhouse/protocol/container";
import type { McpContainer } from "@roundhouse/protocol/mcp";
import type * as z from "zod";
import { giveMounts, hiddenPlaces, requireEngine } from "../../blueprints/container/container-runtime.ts";
import { writeOwned } from "../../blueprints/owned-file.ts";
import { type ContainerJob, SECRET_PREFIX } from "../../containers/job.ts";
import { RUNS, wordsOf } from "../../containers/says.ts";
import { resolveMounts } from "../../containers/mounts.ts";
import { engineSocket } from "../../host/docker.ts";
import { baseEnvironment } from "../../host/environment.ts";
import { type Channel, McpProblem } from "../channel.ts";
import { withPlaces } from "./arguments.ts";
import type { Opening } from "./opening.ts";
import { Lines } from "./lines.ts";
import { openStdio } from "./stdio.ts";

export type ContainerWays = {
  /** The file of the program that holds containers. */
  program: () => Promise<string>;
  /** Folders of the host that its owner lets containers have. */
  allowedMounts: readonly string[];
  /** Labels of containers that are held now: nobody may sweep them. */
  held: Set<string>;
};

type Run = z.infer<typeof McpContainer>;

/** Of a file in the server's record, while its container runs. */
export const JOB_FILE_END = ".container.json";
const PRIVATE = 0o600;
/** Together with the time to remove it, shorter than what the program itself is given. */
const STOP_GRACE_SECONDS = 2;
const TERM_GRACE_MS = 8_000;
const MAX_TOLD_BYTES = 1024 * 1024;

export async function openContainer(run: Run, opening: Opening, ways: ContainerWays): Promise<Channel> {
  const { folders, secrets, name, log, redact, hurry } = opening;
  await requireEngine();
  const label = labelOf(name);
  const jobFile = join(folders.stateDir, label + JOB_FILE_END);
  await mkdir(folders.stateDir, { recursive: true, mode: 0o700 });
  await writeOwned(jobFile, JSON.stringify(await jobOf(run, opening, ways, label)), PRIVATE, null);
  ways.held.add(label);
  const letGo = async (): Promise<void> => {
    ways.held.delete(label);
    await rm(jobFile, { force: true });
  };
  opening.tell(`starting a container of ${run.image}`);
  const told = new Told();
  try {
    const channel = await openStdio({
      command: process.execPath,
      args: [await ways.program(), "pipe", jobFile],
      cwd: folders.own,
      env: { ...baseEnvironment({ home: folders.homeDir }), ...prefixed(secrets) },
      // It speaks to the engine, which is not for apps.
      user: null,
      termGraceMs: TERM_GRACE_MS,
      onErrorOutput: (bytes) => told.push(bytes, opening.tell),
      ...{ name, log, redact, hurry },
    });
    void channel.over.then(letGo, letGo);
    await running(channel, told, opening.ending);
    return channel;
  } catch (error) {
    await letGo();
    throw error;
  }
}

/** Resolves once the container runs. Throws `McpProblem`, and nothing is left of it then. */
async function running(channel: Channel, told: Told, ending: AbortSignal): Promise<void> {
  const stop = (): void => void channel.close();
  if (ending.aborted) stop();
  ending.addEventListener("abort", stop, { once: true });
  try {
    const why = await Promise.race([told.runs, channel.over]);
    if (why !== undefined) throw new McpProblem(why, { hint: "Its log says more." });
  } finally {
    ending.removeEventListener("abort", stop);
  }
}

/** What our own program says, until its container runs. */
class Told {
  readonly runs: Promise<undefined>;
  readonly #lines = new Lines(MAX_TOLD_BYTES);
  #settle: (() => void) | undefined;

  constructor() {
    this.runs = new Promise((resolve) => (this.#settle = () => resolve(undefined)));
  }

  push(bytes: Uint8Array, tell: (doing: string) => void): void {
    if (!this.#settle) return;
    for (const line of this.#lines.push(bytes) ?? []) {
      const words = wordsOf(line);
      if (words === RUNS) {
        this.#settle?.();
        this.#settle = undefined;
        return;
      }
      if (words !== undefined) tell(words);
    }
  }
}

async function jobOf(run: Run, opening: Opening, ways: ContainerWays, label: string): Promise<ContainerJob> {
  const { root, user, folders, variables, secrets } = opening;
  const { image, entrypoint, args, network, writable, memory, cpus, pids, pull, registry } = run;
  const given = { image, entrypoint, network, user: run.user, writable, memory, cpus, pids, pull, registry };
  const inside = Object.fromEntries(run.mounts.map(({ from, to }) => [from, to]));
  const command = args.map((one) => withPlaces(one, inside));
  const spec = ContainerSpec.parse({ ...given, ...(command.length > 0 && { command }) });
  const socketPath = engineSocket();
  const mounts = await resolveMounts(run, {
    own: folders.own,
    named: {
      workspace: root.workspaceDir,
      models: root.modelsDir,
      outputs: root.outputsDir,
      datasets: root.datasetsDir,
    },
    allowed: ways.allowedMounts,
    hidden: hiddenPlaces(root, socketPath),
  });
  const runsAsUser = await giveMounts({ ...spec, mounts: run.mounts }, mounts, { own: folders.own, user });
  return {
    socketPath,
    owner: { root: root.path, instance: label, launch: 1 },
    spec: { ...spec, user: runsAsUser },
    mounts,
    main: null,
    ports: [],
    isPiped: true,
    env: { ...variables },
    secrets: Object.keys(secrets),
    gpuIds: [],
    stopGraceSeconds: STOP_GRACE_SECONDS,
  };
}

/** Of the channel's container: each has one of its own, also two of one server. */
function labelOf(name: string): string {
  return basename(name).replace(":", ".");
}

/** The server that such a container is of. */
export function serverOfLabel(label: string): string {
  return label.split(".")[0] ?? label;
}

function prefixed(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [SECRET_PREFIX + name, value]));
}
