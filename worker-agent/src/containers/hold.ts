/** Holds one container from its making to its removal, as a process holds its child: output, end, and being told to stop. */
import type Docker from "dockerode";
import { setTimeout as sleep } from "node:timers/promises";
import { createOptions } from "./create-options.ts";
import { isAway, statusOf, unlessMissing } from "./engine.ts";
import { type ContainerJob, SECRET_PREFIX } from "./job.ts";
import { labelFilter } from "./labels.ts";
import { ensureNetwork } from "./networks.ts";
import { hasImage, pullImage, type RegistryLogin } from "./pull.ts";
import { isListening, openRelay, type Relay } from "./relay.ts";

const RETRY_MS = 500;
const READY_POLL_MS = 200;

export type Holder = {
  engine: Docker;
  job: ContainerJob;
  /** Of this program: it holds the values of `job.secrets`. */
  env: Readonly<Record<string, string | undefined>>;
  tell: (line: string) => void;
  output: { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream };
  /** Aborted when it is to stop. */
  stop: AbortSignal;
};

/** Answers its exit code. Throws what stood in the way of its start. */
export async function holdContainer(holder: Holder): Promise<number> {
  const { engine, job, tell, stop } = holder;
  await removeOthers(engine, job);
  await bringImage(holder);
  if (stop.aborted) return 0;
  const container = await makeContainer(holder);
  const place: Place = { runs: false, address: undefined };
  const doors = openDoors(job, place, tell);
  try {
    await container.start();
    const stopping = stopWhenTold(container, holder);
    const code = await follow(container, holder, place);
    await stopping.done();
    return code;
  } finally {
    doors.close();
    await removeContainer(container);
  }
}

/** Whether the container is known to run, and where; without a network it has no address. */
type Place = { runs: boolean; address: string | undefined };

/** The main port opens as soon as the container listens there, or runs where there is no such port: that is how its start shows. */
function openDoors({ main, ports }: ContainerJob, place: Place, tell: (line: string) => void): { close(): void } {
  const closing = new AbortController();
  const relays: Relay[] = [];
  const isReady = async (): Promise<boolean> => {
    if (!main || main.to === null) return place.runs;
    return place.address !== undefined && isListening(place.address, main.to);
  };
  const open = async (): Promise<void> => {
    for (const port of ports) relays.push(await openRelay(port, () => place.address));
    while (main && !closing.signal.aborted && !(await isReady())) await sleep(READY_POLL_MS);
    if (main && !closing.signal.aborted) relays.push(await openRelay(main, () => place.address));
  };
  open().catch((error: unknown) => tell(`a port of this node cannot be opened: ${String(error)}`));
  return {
    close: () => {
      closing.abort();
      for (const relay of relays) relay.close();
    },
  };
}

/** What an earlier launch left, whoever ended its holder. */
async function removeOthers(engine: Docker, { owner }: ContainerJob): Promise<void> {
  for (const { Id } of await engine.listContainers({ all: true, filters: labelFilter(owner) })) {
    await removeContainer(engine.getContainer(Id));
  }
}

export async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    // Gone, or being removed by somebody else.
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
  }
}

export async function bringImage(holder: Holder): Promise<void> {
  const { engine, tell } = holder;
  const { image, pull, registry } = holder.job.spec;
  if (pull === "missing" && (await hasImage(engine, image))) return;
  const variables = variablesOf(holder);
  const [username, password] = [variables[registry?.username ?? ""], variables[registry?.password ?? ""]];
  const login: RegistryLogin | undefined = username && password ? { username, password } : undefined;
  await pullImage(engine, image, login, tell);
}

function variablesOf({ job, env }: Holder): Record<string, string> {
  const secrets = job.secrets.map((name) => [name, env[SECRET_PREFIX + name] ?? ""]);
  return { ...job.env, ...Object.fromEntries(secrets) };
}

export async function makeContainer(holder: Holder): Promise<Docker.Container> {
  const { engine, job } = holder;
  const { network: goesOut, registry } = job.spec;
  const hasPorts = (job.main?.to ?? null) !== null || job.ports.length > 0;
  const kind = goesOut ? "out" : hasPorts ? "in" : undefined;
  const ofRegistry = new Set([registry?.username, registry?.password]);
  const variables = Object.entries(variablesOf(holder)).filter(([name]) => !ofRegistry.has(name));
  const values = variables.map(([name, value]) => `${name}=${value}`);
  const network = kind === undefined ? null : await ensureNetwork(engine, job.owner.root, kind, holder.tell);
  return engine.createContainer(createOptions(job, network, values));
}

/** Its grace is the engine's to keep; `done` resolves when nothing of it is under way. */
export function stopWhenTold(container: Docker.Container, { stop, job, tell }: Holder): { done(): Promise<void> } {
  let stopped: Promise<void> = Promise.resolve();
  const onStop = (): void => {
    stopped = container.stop({ t: job.stopGraceSeconds }).then(
      () => undefined,
      (error: unknown) => {
        // Stopped already, or gone.
        if (![304, 404].includes(statusOf(error) ?? 0)) tell(`it could not be stopped: ${String(error)}`);
      },
    );
  };
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });
  return {
    done: async () => {
      stop.removeEventListener("abort", onStop);
      await stopped;
    },
  };
}

/** Its output and its end, over restarts of the engine, too: what ends the output, that it ended or its engine went, is looked up. */
async function follow(container: Docker.Container, holder: Holder, place: Place): Promise<number> {
  for (let sinceSeconds = 0; ; sinceSeconds = Date.now() / 1000) {
    try {
      place.address = await addressOf(container);
      place.runs = true;
      await copyOutput(container, holder, sinceSeconds);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    const found = await stateOf(container, () => {
      place.runs = false;
      place.address = undefined;
      holder.tell("the Docker engine does not answer; waiting for it");
    });
    if (found === undefined) throw new Error("somebody removed the container");
    if (!found.Running) return found.ExitCode;
    await sleep(RETRY_MS);
  }
}

/** Undefined where there is no such container. Waits for its engine; `onAway` is called where that has to be. */
async function stateOf(
  container: Docker.Container,
  onAway: () => void,
): Promise<Docker.ContainerInspectInfo["State"] | undefined> {
  for (let isAlone = false; ; await sleep(RETRY_MS)) {
    try {
      return (await unlessMissing(container.inspect()))?.State;
    } catch (error) {
      if (!isAway(error)) throw error;
      if (!isAlone) onAway();
      isAlone = true;
    }
  }
}

async function addressOf(container: Docker.Container): Promise<string | undefined> {
  const { NetworkSettings } = await container.inspect();
  const addresses = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
  return addresses.find((address) => address !== "");
}

async function copyOutput(container: Docker.Container, { engine, output }: Holder, since: number): Promise<void> {
  const stream = await container.logs({ follow: true, stdout: true, stderr: true, since });
  engine.modem.demuxStream(stream, output.stdout, output.stderr);
  await new Promise<void>((done) => {
    stream.once("end", done);
    stream.once("close", done);
    stream.once("error", () => done());
  });
}
