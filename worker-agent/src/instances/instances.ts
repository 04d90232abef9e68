/** All instances of this node: takes what is wanted, keeps one worker for each, and tells what is. */
import { DEFAULT_PORT_POOL } from "@roundhouse/protocol/limits";
import type { Facts } from "@roundhouse/protocol/facts";
import type { DesiredInstance, NodeStatus, ObservedInstance, UnknownInstance } from "@roundhouse/protocol/instance";
import type { ControlBlueprint, ControlSecrets } from "@roundhouse/protocol/messages";
import type { AppUser } from "../blueprints/runtime.ts";
import { HOST_CLOCK, type Clock } from "../host/clock.ts";
import type { Views } from "../host/views.ts";
import type { OwnFolders } from "../files/roots.ts";
import type { DataRoot } from "../host/data-root.ts";
import { installKeeper } from "../keeper/start.ts";
import { cacheSource } from "./blueprint-cache.ts";
import { Instance, type World } from "./instance.ts";
import type { Runtimes } from "./launch.ts";
import { createReporter, type Change, type Reporter } from "./reporter.ts";
import { messageOf } from "./saved-state.ts";
import { loadDesired, loadStates, newState, saveDesired, type Wishes } from "./state-file.ts";
import type { Surroundings } from "./surroundings.ts";

export type Instances = {
  /** Finds what earlier agents left, and starts what starts by itself. Call once, before everything else. */
  start(): Promise<void>;
  /** The whole set; may be called at any moment and with anything already under way. */
  applyDesired(message: Wishes): void;
  provideBlueprint(message: ControlBlueprint): Promise<void>;
  provideSecrets(message: ControlSecrets): void;
  observed(): ObservedInstance[];
  unknown(): UnknownInstance[];
  /** Each gives a function that ends the subscription. */
  onChange(listener: (change: Change) => void): () => void;
  onNeedBlueprint(listener: (digest: string) => void): () => void;
  /** The listener says whether it could ask the control plane. */
  onNeedSecrets(listener: (instanceId: string) => boolean): () => void;
  /** The only ports the tunnel may connect to for this instance; none while it does not run. */
  portsOf(instanceId: string): number[];
  /** The process numbers of everything that runs, by instance. */
  processes(): ReadonlyMap<string, readonly number[]>;
  logDirOf(instanceId: string): string | undefined;
  /** The folder that bears its name, and the one its outputs go to; undefined until its first launch. */
  foldersOf(instanceId: string): OwnFolders | undefined;
  /** Where a person's shell of an instance starts, and as whom; undefined while there is nothing installed of it. */
  surroundingsOf(instanceId: string): Promise<Surroundings | undefined>;
  /** With `endKeepers` every app is ended within 5 s; without, apps and their keepers stay. */
  shutdown(options: { endKeepers: boolean }): Promise<void>;
};

export type InstancesOptions = {
  root: DataRoot;
  runtimes: Runtimes;
  /** The bundled keeper. */
  keeperFile: string;
  user: AppUser | null;
  /** What this node is, read anew at each call. */
  facts: () => Promise<Facts>;
  log: (line: string) => void;
  /** What a process may be shown elsewhere than it is; asked when the first satellite is launched. None unless given. */
  views?: () => Promise<Views | null>;
  /** Awaited before an instance's folder is removed. */
  beforeRemoval?: (instanceId: string) => Promise<void>;
  clock?: Clock;
};

const MEASURE_INTERVAL_MS = 10_000;
const MEASURE_AT_REST_INTERVAL_MS = 5 * 60_000;

export function createInstances(options: InstancesOptions): Instances {
  return new NodeInstances(options);
}

class NodeInstances implements Instances {
  readonly #options: InstancesOptions;
  readonly #world: World;
  readonly #reporter: Reporter;
  readonly #workers = new Map<string, Instance>();
  readonly #blueprintListeners = new Set<(digest: string) => void>();
  readonly #secretListeners = new Set<(instanceId: string) => boolean>();
  /** Which were not being launched when they were last looked at. */
  readonly #settled = new Set<string>();
  readonly #measured = new Map<string, { atMs: number; status: NodeStatus }>();
  #desired: Wishes = { type: "control.desired", portPool: DEFAULT_PORT_POOL, instances: [] };
  #program: string;
  #started = false;
  #portTurn: Promise<unknown> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  #measureTimer: NodeJS.Timeout | undefined;

  constructor(options: InstancesOptions) {
    this.#options = options;
    this.#program = options.keeperFile;
    this.#reporter = createReporter({
      observed: (id) => this.#workers.get(id)?.observed(),
      unknown: () => this.unknown(),
    });
    this.#world = this.#makeWorld();
  }

  async start(): Promise<void> {
    const { root, keeperFile, log } = this.#options;
    this.#program = await installKeeper(keeperFile, root.binDir).catch((error: unknown) => {
      log(`apps run under ${keeperFile}, since it could not be copied: ${messageOf(error)}`);
      return keeperFile;
    });
    this.#desired = (await loadDesired(root)) ?? this.#desired;
    for (const state of await loadStates(root)) {
      const { id } = state.desired;
      const wish = this.#desired.instances.find((one) => one.id === id) ?? null;
      this.#workers.set(id, new Instance(this.#world, state, wish));
    }
    await Promise.all([...this.#workers.values()].map((worker) => worker.begin()));
    this.#started = true;
    this.#compare();
    this.#scheduleMeasuring(0);
  }

  applyDesired(message: Wishes): void {
    const isNew = JSON.stringify(message) !== JSON.stringify(this.#desired);
    this.#desired = message;
    if (isNew) this.#saveDesired(message);
    if (this.#started) this.#compare();
  }

  async provideBlueprint({ digest, source }: ControlBlueprint): Promise<void> {
    const isTrue = await cacheSource(this.#options.root, digest, source);
    if (!isTrue) return this.#options.log(`a blueprint's source does not match its digest ${digest}`);
    for (const worker of this.#workers.values()) worker.sourceArrived(digest);
  }

  provideSecrets(message: ControlSecrets): void {
    this.#workers.get(message.instance)?.secretsArrived(message);
  }

  observed(): ObservedInstance[] {
    return [...this.#workers.values()].flatMap((worker) => worker.observed() ?? []);
  }

  unknown(): UnknownInstance[] {
    return [...this.#workers.values()].filter((one) => one.wish === null).map((one) => one.unknown());
  }

  onChange(listener: (change: Change) => void): () => void {
    return this.#reporter.onChange(listener);
  }

  onNeedBlueprint(listener: (digest: string) => void): () => void {
    this.#blueprintListeners.add(listener);
    return () => this.#blueprintListeners.delete(listener);
  }

  onNeedSecrets(listener: (instanceId: string) => boolean): () => void {
    this.#secretListeners.add(listener);
    return () => this.#secretListeners.delete(listener);
  }

  portsOf(instanceId: string): number[] {
    return this.#workers.get(instanceId)?.ports() ?? [];
  }

  processes(): ReadonlyMap<string, readonly number[]> {
    const all = [...this.#workers.values()].map((worker) => [worker.id, worker.processes()] as const);
    return new Map(all.filter(([, pids]) => pids.length > 0));
  }

  logDirOf(instanceId: string): string | undefined {
    return this.#workers.get(instanceId)?.logDir;
  }

  foldersOf(instanceId: string): OwnFolders | undefined {
    return this.#workers.get(instanceId)?.folders;
  }

  async surroundingsOf(instanceId: string): Promise<Surroundings | undefined> {
    return this.#workers.get(instanceId)?.surroundings();
  }

  async shutdown({ endKeepers }: { endKeepers: boolean }): Promise<void> {
    this.#started = false;
    clearTimeout(this.#measureTimer);
    await Promise.all([...this.#workers.values()].map((worker) => worker.shutdown(endKeepers)));
    await this.#saving;
    this.#reporter.stop();
  }

  #makeWorld(): World {
    const { root, runtimes, user, facts, log, clock = HOST_CLOCK, beforeRemoval } = this.#options;
    const { views = async () => null } = this.#options;
    return {
      views,
      ...{ root, runtimes, user, facts, log, clock },
      program: () => this.#program,
      portPool: () => this.#desired.portPool,
      desired: () => this.#desired.instances,
      otherPorts: (id) => this.#others(id).flatMap((other) => other.claimedPorts()),
      foundPorts: (id) =>
        this.#others(id).flatMap((other) => {
          return other.foundPorts().map((port) => ({ port, name: other.state.desired.name }));
        }),
      folderOwner: (id, folder) =>
        this.#others(id).find(({ state }) => state.ownsFolder && state.desired.folder === folder)?.state.desired.name,
      inTurn: (choose) => {
        const result = this.#portTurn.then(choose);
        this.#portTurn = result.catch(() => undefined);
        return result;
      },
      satelliteRemains: (id) => this.#satellites(id).some(({ runs, wish }) => runs || wish?.desired === "deleted"),
      installedFolder: (id) => this.#workers.get(id)?.folder,
      isRunning: (id) =>
        [...this.#workers.values()].some((one) => one.rootId === this.#rootOf(id) && one.processes().length > 0),
      workingIn: (id) =>
        [...this.#workers.values()].find((one) => one.rootId === id && one.isLaunching)?.state.desired.name,
      // A parent goes first: the installation is its own.
      familyLaunching: (id) =>
        (
          this.#family(id).find((other) => other.isLaunching || (other.id === other.rootId && other.isDue)) ??
          this.#others(id).find((other) => other.copiesFrom === this.#rootOf(id))
        )?.state.desired.name,
      needBlueprint: (digest) => this.#blueprintListeners.forEach((listener) => listener(digest)),
      needSecrets: (id) => [...this.#secretListeners].some((listener) => listener(id)),
      changed: (id) => this.#changed(id),
      removed: (id) => this.#removed(id),
      beforeRemoval: async (id) => beforeRemoval?.(id),
    };
  }

  #others(id: string): Instance[] {
    return [...this.#workers.values()].filter((other) => other.id !== id);
  }

  #satellites(id: string): Instance[] {
    return this.#others(id).filter((other) => other.state.desired.parent === id);
  }

  /** All that run from the same installation. */
  #family(id: string): Instance[] {
    const rootId = this.#rootOf(id);
    return this.#others(id).filter((other) => other.rootId === rootId);
  }

  #rootOf(id: string): string {
    return this.#workers.get(id)?.rootId ?? id;
  }

  /** Those that may wait until this one's launch, or its copying, is over. */
  #waitingOn({ id, rootId, original }: Instance): Instance[] {
    return this.#others(id).filter(
      (other) => other.rootId === rootId || other.original === rootId || other.rootId === original,
    );
  }

  #changed(id: string): void {
    this.#reporter.touch(id);
    const worker = this.#workers.get(id);
    if (!worker) return;
    this.#passTurn(worker);
    if (!worker.runs) this.#pokeParent(worker);
  }

  /** Its launch is over, well or badly: whoever waits for it may go on. */
  #passTurn(worker: Instance): void {
    if (worker.isLaunching) this.#settled.delete(worker.id);
    else if (!this.#settled.has(worker.id)) {
      this.#settled.add(worker.id);
      for (const other of this.#waitingOn(worker)) other.poke();
    }
  }

  #removed(id: string): void {
    const worker = this.#workers.get(id);
    this.#workers.delete(id);
    this.#settled.delete(id);
    this.#reporter.gone(id);
    if (worker) this.#pokeParent(worker);
  }

  /** A parent that is to be removed waits for its satellites, so that theirs are confirmed first. */
  #pokeParent({ state }: Instance): void {
    if (state.desired.parent) this.#workers.get(state.desired.parent)?.poke();
  }

  #compare(): void {
    const mentioned = new Set(this.#desired.instances.map((one) => one.id));
    for (const wish of this.#desired.instances) this.#want(wish);
    for (const worker of this.#workers.values()) if (!mentioned.has(worker.id)) this.#forget(worker);
  }

  #want(wish: DesiredInstance): void {
    const worker = this.#workers.get(wish.id);
    if (worker) return worker.want(wish);
    // A tombstone that is done is confirmed for as long as it is mentioned.
    if (wish.desired === "deleted") return this.#removed(wish.id);
    const fresh = new Instance(this.#world, newState(wish), wish);
    this.#workers.set(wish.id, fresh);
    void fresh.begin();
  }

  /** What has left traces on the disk is reported and left alone; of anything else nothing remains. */
  #forget(worker: Instance): void {
    worker.want(null);
    if (!worker.isOnDisk && !worker.runs) this.#workers.delete(worker.id);
  }

  #saveDesired(message: Wishes): void {
    this.#saving = this.#saving
      .then(() => saveDesired(this.#options.root, message))
      .catch((error: unknown) => this.#options.log(`what is wanted could not be saved: ${messageOf(error)}`));
  }

  #scheduleMeasuring(delayMs: number): void {
    this.#measureTimer = setTimeout(() => {
      this.#measureDue()
        .catch((error: unknown) => this.#options.log(`measuring disk use failed: ${messageOf(error)}`))
        .finally(() => this.#started && this.#scheduleMeasuring(MEASURE_INTERVAL_MS));
    }, delayMs);
  }

  async #measureDue(): Promise<void> {
    const { clock } = this.#world;
    for (const worker of this.#workers.values()) {
      const { status } = worker.observed() ?? worker.unknown();
      const last = this.#measured.get(worker.id);
      // What was installed is measured once more when that is over.
      // One that says nothing may be downloading: its growth is all there is to see of that.
      const isDue = status === "installing" || status === "stalled" || last?.status !== status;
      if (!isDue && clock.steadyMs() - last.atMs < MEASURE_AT_REST_INTERVAL_MS) continue;
      this.#measured.set(worker.id, { atMs: clock.steadyMs(), status });
      await worker.measure();
    }
  }
}
