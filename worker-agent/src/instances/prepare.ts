/** Everything a launch needs before its keeper starts: source, port, folder and plan. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Facts } from "@roundhouse/protocol/facts";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { LaunchError, type AppUser } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import type { Views } from "../host/views.ts";
import type { PortPool } from "../host/ports.ts";
import type { InstanceSpec } from "../keeper/spec.ts";
import { cachedSource } from "./blueprint-cache.ts";
import { parentOf, runtimeFor, specOf, type Runtimes } from "./launch.ts";
import { checkNeeds } from "./needs.ts";
import type { NamedPort } from "./found-ports.ts";
import { chooseNamedPorts } from "./named-ports.ts";
import { choosePort, type OtherPort } from "./port-choice.ts";
import type { InstanceState } from "./state-file.ts";
import { SupplyMissing } from "./supplies.ts";

/** Longer than the grace of an app that is stopped. */
const LEAVING_LIMIT_MS = 15_000;
const POLL_MS = 100;

export type Surroundings = {
  root: DataRoot;
  runtimes: Runtimes;
  user: AppUser | null;
  /** What a process may be shown elsewhere than it is. */
  views: () => Promise<Views | null>;
  portPool: () => PortPool;
  /** As they are now. */
  facts: () => Promise<Facts>;
  /** Everything wanted of this node. */
  desired: () => Iterable<DesiredInstance>;
  otherPorts: (id: string) => OtherPort[];
  /** The name of another instance that has that folder. */
  folderOwner: (id: string, folder: string) => string | undefined;
  /** One choice of a port at a time, so that two launches never choose the same. */
  inTurn: <T>(choose: () => Promise<T>) => Promise<T>;
};

export type ChosenPorts = { port: number; namedPorts: NamedPort[] };

/** `secrets` are values of variables; what comes back of them is for the keeper. `claim` is called with the ports before anything is made on disk. Throws `LaunchError` and `SupplyMissing`. */
export async function prepareLaunch(
  around: Surroundings,
  instance: DesiredInstance,
  state: InstanceState,
  secrets: Readonly<Record<string, string>>,
  claim: (chosen: ChosenPorts) => Promise<void>,
): Promise<{ spec: InstanceSpec; secrets: Record<string, string> }> {
  const { root, user } = around;
  const runtime = runtimeFor(around.runtimes, instance);
  const parent = parentOf(instance, around.desired());
  checkFolder(around, instance);
  const family = { instance, parent };
  // Before the source is asked for, too: a disk that takes nothing could not keep it.
  await checkNeeds(around, instance, state);
  // A satellite runs from its parent's script, which is the parent's to replace and to rebuild.
  const replacesScript = parent === null && ![null, instance.blueprint.digest].includes(state.scriptDigest);
  const rebuilds = parent === null && instance.rebuilds !== state.rebuilt;
  const isNeeded = replacesScript || (await runtime.needsSource({ ...family, root }));
  const source = isNeeded ? await sourceOf(root, instance) : null;
  const chosen = await around.inTurn(async () => {
    const ports = await choosePorts(around, instance, state);
    await claim(ports);
    return ports;
  });
  const views = parent === null ? null : await around.views();
  const hasViews = views !== null;
  const launch = state.launch + 1;
  const plan = await runtime.prepare({
    ...family,
    root,
    ...chosen,
    launch,
    source,
    user,
    replacesScript,
    rebuilds,
    hasViews,
  });
  const given = Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [(plan.secretPrefix ?? "") + name, value]),
  );
  const secretEnv = Object.keys(given);
  return { spec: specOf({ root, ...family, plan, ...chosen, secretEnv, launch, user, views }), secrets: given };
}

/** An app that is being stopped gives its port back within moments: where there is no other, that is waited for. */
async function choosePorts(
  around: Surroundings,
  instance: DesiredInstance,
  state: InstanceState,
): Promise<ChosenPorts> {
  for (const limitMs = Date.now() + LEAVING_LIMIT_MS; ; await sleep(POLL_MS)) {
    const others = around.otherPorts(instance.id);
    try {
      return await chooseAmong(others, around.portPool(), instance, state);
    } catch (error) {
      const isPassing = error instanceof LaunchError && others.some((other) => other.leaves);
      if (!isPassing || Date.now() > limitMs) throw error;
    }
  }
}

async function chooseAmong(
  others: OtherPort[],
  pool: PortPool,
  { port: wanted, ports: declared }: DesiredInstance,
  state: InstanceState,
): Promise<ChosenPorts> {
  const own = declared.map((one) => one.port).filter((port) => port !== null);
  const port = await choosePort({ wanted, sticky: state.port, pool, own, others });
  return { port, namedPorts: await chooseNamedPorts({ declared, sticky: state.namedPorts, main: port, pool, others }) };
}

async function sourceOf(root: DataRoot, { blueprint }: DesiredInstance): Promise<string> {
  const source = await cachedSource(root, blueprint.digest);
  if (source === undefined) throw new SupplyMissing({ is: "source", digest: blueprint.digest });
  return source;
}

/** Two instances never share a folder, not even with one that the control plane has forgotten. */
export function checkFolder(around: Surroundings, instance: DesiredInstance): void {
  const owner = around.folderOwner(instance.id, instance.folder);
  if (owner === undefined) return;
  throw new LaunchError(
    "folder_taken",
    `the folder ${instance.folder} on this node belongs to another instance (${owner})`,
    "choose another name",
  );
}
