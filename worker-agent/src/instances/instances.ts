/** All instances of this node: takes what is wanted, keeps one worker for each, and tells what is. */
import { DEFAULT_PORT_POOL } from "@roundhouse/protocol/limits";
import type { DesiredInstance, ObservedInstance, UnknownInstance } from "@roundhouse/protocol/instance";
import type { ControlBlueprint, ControlDesired } from "@roundhouse/protocol/messages";
import type { AppUser } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import { installKeeper } from "../keeper/start.ts";
import { cacheSource } from "./blueprint-cache.ts";
import { createInstance, type Instance, type World } from "./instance.ts";
import type { Runtimes } from "./launch.ts";
import { createReporter, type Change } from "./reporter.ts";
import { loadDesired, loadStates, newState, saveDesired, statePaths } from "./state-file.ts";

export type Instances = {
  /** Finds what earlier agents left, and starts what starts by itself. Call once, before everything else. */
  start(): Promise<void>;
  /** The whole set; may be called at any moment and with anything already under way. */
  applyDesired(message: ControlDesired): void;
  provideBlueprint(message: ControlBlueprint): Promise<void>;
  observed(): ObservedInstance[];
  unknown(): UnknownInstance[];
  /** Both give a function that ends the subscription. */
  onChange(listener: (change: Change) => void): () => void;
  onNeedBlueprint(listener: (digest: string) => void): () => void;
  /** The only ports the tunnel may connect to for this instance; none while it does not run. */
  portsOf(instanceId: string): number[];
  logDirOf(instanceId: string): string | undefined;
  /** With `endKeepers` every app is ended within 5 s; without, apps and their keepers stay. */
  shutdown(options: { endKeepers: boolean }): Promise<void>;
};

export type InstancesOptions = {
  root: DataRoot;
  runtimes: Runtimes;
  /** The bundled keeper. */
  keeperFile: string;
  user: AppUser | null;
  log: (line: string) => void;
  clock?: () => number;
};

const MEASURE_INTERVAL_MS = 10_000;
const MEASURE_AT_REST_INTERVAL_MS = 5 * 60_000;

export function createInstances(options: InstancesOptions): Instances {
  const { root, log, clock: now = Date.now } = options;
  const workers = new Map<string, Instance>();
  const gone = new Set<string>();
  const blueprintListeners = new Set<(digest: string) => void>();
  const measuredAtMs = new Map<string, number>();
  let desired: ControlDesired = { type: "control.desired", portPool: DEFAULT_PORT_POOL, instances: [] };
  let program = options.keeperFile;
  let started = false;
  let portTurn: Promise<unknown> = Promise.resolve();
  let saving: Promise<void> = Promise.resolve();
  let measureTimer: NodeJS.Timeout | undefined;
  const reporter = createReporter({ observed: (id) => workers.get(id)?.observed(), unknown });

  const world: World = {
    ...options,
    now,
    program: () => program,
    portPool: () => desired.portPool,
    desired: () => desired.instances,
    otherPorts: (id) =>
      others(id).flatMap((other) => {
        const { port, desired } = other.state();
        return port === null ? [] : [{ port, name: desired.name, runs: other.runs() }];
      }),
    folderOwner: (id, slug) =>
      others(id)
        .map((other) => other.state())
        .find((other) => other.ownsFolder && other.desired.slug === slug)?.desired.name,
    inTurn: (choose) => {
      const result = portTurn.then(choose);
      portTurn = result.catch(() => undefined);
      return result;
    },
    satelliteRuns: (id) => others(id).some((other) => other.runs() && other.state().desired.parent === id),
    needBlueprint: (digest) => blueprintListeners.forEach((listener) => listener(digest)),
    changed: (id) => {
      reporter.touch(id);
      // A parent that is to be removed waits for its satellites.
      const parent = workers.get(id)?.state().desired.parent;
      if (parent && !workers.get(id)?.runs()) workers.get(parent)?.poke();
    },
    removed: (id) => {
      workers.delete(id);
      gone.add(id);
      reporter.gone(id);
    },
  };

  function others(id: string): Instance[] {
    return [...workers.values()].filter((other) => other.id !== id);
  }

  function unknown(): UnknownInstance[] {
    return [...workers.values()].filter((one) => one.wish() === null).map((one) => one.unknown());
  }

  function wishOf(id: string): DesiredInstance | null {
    return desired.instances.find((one) => one.id === id) ?? null;
  }

  function compare(): void {
    const mentioned = new Set(desired.instances.map((one) => one.id));
    for (const id of gone) if (!mentioned.has(id)) gone.delete(id);
    for (const wish of desired.instances) want(wish);
    for (const worker of workers.values()) if (!mentioned.has(worker.id)) forget(worker);
  }

  function want(wish: DesiredInstance): void {
    const worker = workers.get(wish.id);
    if (worker) return worker.want(wish);
    if (wish.desired === "deleted") {
      gone.add(wish.id);
      return reporter.gone(wish.id);
    }
    const fresh = createInstance(world, newState(wish), wish);
    workers.set(wish.id, fresh);
    void fresh.begin();
  }

  /** What has left traces on the disk is reported and left alone; of anything else nothing remains. */
  function forget(worker: Instance): void {
    worker.want(null);
    if (!worker.isOnDisk() && !worker.runs()) workers.delete(worker.id);
  }

  async function measureDue(): Promise<void> {
    for (const worker of workers.values()) {
      const installing = (worker.observed() ?? worker.unknown()).status === "installing";
      const everyMs = installing ? MEASURE_INTERVAL_MS : MEASURE_AT_REST_INTERVAL_MS;
      if (now() - (measuredAtMs.get(worker.id) ?? 0) < everyMs) continue;
      measuredAtMs.set(worker.id, now());
      await worker.measure();
    }
    for (const id of measuredAtMs.keys()) if (!workers.has(id)) measuredAtMs.delete(id);
  }

  function scheduleMeasuring(delayMs: number): void {
    measureTimer = setTimeout(() => {
      measureDue().then(
        () => started && scheduleMeasuring(MEASURE_INTERVAL_MS),
        (error: Error) => log(`measuring disk use failed: ${error.message}`),
      );
    }, delayMs);
  }

  return {
    async start() {
      program = await installKeeper(options.keeperFile, root.binDir);
      desired = (await loadDesired(root)) ?? desired;
      for (const state of await loadStates(root)) {
        const { id } = state.desired;
        workers.set(id, createInstance(world, state, wishOf(id)));
      }
      await Promise.all([...workers.values()].map((worker) => worker.begin()));
      started = true;
      compare();
      scheduleMeasuring(0);
    },
    applyDesired(message) {
      const isNew = JSON.stringify(message) !== JSON.stringify(desired);
      desired = message;
      if (isNew) {
        saving = saving
          .then(() => saveDesired(root, message))
          .catch((error: Error) => log(`what is wanted could not be saved: ${error.message}`));
      }
      if (started) compare();
    },
    async provideBlueprint({ digest, source }) {
      if (!(await cacheSource(root, digest, source))) return log(`a blueprint's source does not match ${digest}`);
      for (const worker of workers.values()) worker.sourceArrived(digest);
    },
    observed: () => [...workers.values()].flatMap((worker) => worker.observed() ?? []),
    unknown,
    onChange: reporter.onChange,
    onNeedBlueprint: (listener) => {
      blueprintListeners.add(listener);
      return () => blueprintListeners.delete(listener);
    },
    portsOf: (id) => workers.get(id)?.ports() ?? [],
    logDirOf: (id) => (workers.has(id) ? statePaths(root, id).logDir : undefined),
    async shutdown({ endKeepers }) {
      started = false;
      clearTimeout(measureTimer);
      await Promise.all([...workers.values()].map((worker) => worker.shutdown(endKeepers)));
      await saving;
      reporter.stop();
    },
  };
}
