/** One instance's worker: holds its wish and its state, and takes the steps the plan names, one after the other. */
import type { DesiredInstance, NodeStatus, ObservedInstance, UnknownInstance } from "@roundhouse/protocol/instance";
import type { ControlSecrets } from "@roundhouse/protocol/messages";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { filedIn } from "../blueprints/folders.ts";
import { LaunchError } from "../blueprints/runtime.ts";
import type { OwnFolders } from "../files/roots.ts";
import type { Clock } from "../host/clock.ts";
import { startKeeper, writeSpec } from "../keeper/start.ts";
import { measureDisk } from "./disk-usage.ts";
import { specFileOf } from "./launch.ts";
import { reasonOfFailure } from "./launch-failure.ts";
import { Launched } from "./launched.ts";
import { lastLines } from "./log.ts";
import { observe, statusOf, type Picture, waitingForFamily } from "./observed.ts";
import { nextStep, type Step } from "./plan.ts";
import type { OtherPort } from "./port-choice.ts";
import type { OthersPorts } from "./port-clash.ts";
import { prepareLaunch } from "./prepare.ts";
import { claimsOf } from "./port-claims.ts";
import { FolderMaking, type MakingSurroundings } from "./folder-making.ts";
import { createWorker, type Worker } from "./queue.ts";
import { folderOf, removeInstance } from "./removal.ts";
import { messageOf, SavedState } from "./saved-state.ts";
import { begunLaunch, type InstanceState, notAhead } from "./state-file.ts";
import { Supplies, SupplyMissing } from "./supplies.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** What a worker needs to know of the node around it. */
export type World = MakingSurroundings & {
  clock: Clock;
  /** The keeper program to start. */
  program: () => string;
  log: (line: string) => void;
  /** What the others listen on beside the ports they were given. */
  foundPorts: (id: string) => OthersPorts;
  satelliteRemains: (id: string) => boolean;
  /** The name of another one of its family that is being launched. */
  familyLaunching: (id: string) => string | undefined;
  needBlueprint: (digest: string) => void;
  /** False while nobody can be asked. */
  needSecrets: (id: string) => boolean;
  changed: (id: string) => void;
  removed: (id: string) => void;
};

/** After a step that went wrong. */
const RETRY_MS = 10_000;

export class Instance {
  readonly id: string;
  readonly #world: World;
  readonly #saved: SavedState;
  readonly #launched: Launched;
  readonly #folder: FolderMaking;
  readonly #supplies: Supplies;
  readonly #worker: Worker;
  #wish: DesiredInstance | null;
  /** Nothing is done before it is known what an earlier agent left. */
  #begun = false;
  #closing = false;
  #launching = false;
  #removed = false;
  #trouble: KnownReason | null = null;
  #diskBytes: number | null = null;
  #shown: { status: NodeStatus; since: string } | undefined;
  #alarm: NodeJS.Timeout | undefined;

  constructor(world: World, state: InstanceState, wish: DesiredInstance | null) {
    this.id = state.desired.id;
    this.#world = world;
    this.#wish = wish;
    this.#saved = new SavedState(world.root, state, world.log);
    this.#launched = new Launched({
      root: world.root,
      saved: this.#saved,
      clock: world.clock,
      memoryBytes: async () => (await world.facts()).memoryTotalBytes,
      restartPolicy: () => (this.#wish ?? this.state.desired).restartPolicy,
      autostart: () => (this.#wish ?? this.state.desired).autostart,
      othersPorts: () => world.foundPorts(this.id),
      onChange: () => this.poke(),
    });
    this.#folder = new FolderMaking({
      world,
      saved: this.#saved,
      wish: () => this.#wish,
      onChange: () => world.changed(this.id),
    });
    const { needBlueprint } = world;
    this.#supplies = new Supplies({ needBlueprint, needSecrets: () => world.needSecrets(this.id) });
    this.#worker = createWorker(
      () => this.#takeStep(),
      (error) => this.#fail(error),
    );
  }

  get state(): InstanceState {
    return this.#saved.current;
  }

  get wish(): DesiredInstance | null {
    return this.#wish;
  }

  get runs(): boolean {
    return this.#launched.isHeld || this.#launching || this.#folder.isUnderWay;
  }

  /** Whether it is between its launch and its first answer, or may be: a script installs and updates in that time. */
  get isLaunching(): boolean {
    const { process } = this.#launched;
    if (!this.#begun || this.#launching || this.#folder.isUnderWay) return true;
    return process.is === "running" && ["installing", "starting"].includes(process.run.picture().status);
  }

  /** The instance whose folder is being copied for this one. */
  get copiesFrom(): string | undefined {
    return this.#folder.isUnderWay ? this.original : undefined;
  }

  /** The instance it is a copy of. */
  get original(): string | undefined {
    const { origin } = this.#wish ?? this.state.desired;
    return origin?.kind === "copy" ? origin.of : undefined;
  }

  /** Whether it would be launched now if its family let it. */
  get isDue(): boolean {
    return this.#launched.process.is === "none" && !this.#closing && this.#plan(false).do === "launch";
  }

  /** The instance whose installation it runs from: its parent, or itself. */
  get rootId(): string {
    return (this.#wish ?? this.state.desired).parent ?? this.id;
  }

  /** Whether anything of it would outlive this process. */
  get isOnDisk(): boolean {
    return this.state.ownsFolder || this.state.launchedEpoch !== null;
  }

  get logDir(): string {
    return this.#launched.logDir;
  }

  /** Undefined until its first launch. */
  get folder(): string | undefined {
    return this.state.ownsFolder && !this.#removed ? folderOf(this.#world.root, this.state.desired.folder) : undefined;
  }

  /** Where a person's shell of it starts; undefined until its first launch, and once it is to be deleted. */
  async surroundings(): Promise<Surroundings | undefined> {
    const instance = this.#wish ?? this.state.desired;
    if (this.folder === undefined || instance.desired === "deleted") return undefined;
    return surroundingsOf(this.#world, instance, this.state);
  }

  /** Its folder and its outputs; undefined until its first launch. */
  get folders(): OwnFolders | undefined {
    const own = this.folder;
    return own === undefined ? undefined : filedIn(this.#world.root, this.state.desired, own);
  }

  /** Once, before any step: what is left of it from earlier. */
  async begin(): Promise<void> {
    await this.#launched.adopt().catch((error: unknown) => this.#saved.report(error));
    this.#begun = true;
    this.poke();
  }

  want(wish: DesiredInstance | null): void {
    this.#wish = wish;
    this.#trouble = null;
    if (wish) this.#saved.change(notAhead(this.state, wish));
    if (wish?.desired === "deleted") this.#folder.abort();
    this.#supplies.askAgain();
    // An end that was shown and answered with a wish to stop is done with.
    if (wish && wish.desired !== "running" && !this.#launched.isHeld) {
      this.#saved.change({ outcome: { kind: "stopped" }, restartsInRow: 0 });
    }
    this.poke();
  }

  sourceArrived(digest: string): void {
    if (this.#supplies.sourceArrived(digest)) this.poke();
  }

  secretsArrived(message: ControlSecrets): void {
    if (this.#supplies.secretsArrived(message)) this.poke();
  }

  /** Something changed: look again, and let others see. */
  poke(): void {
    this.#world.changed(this.id);
    if (this.#begun && !this.#closing) this.#worker.poke();
  }

  observed(): ObservedInstance | undefined {
    const picture = this.#picture();
    const { wish } = picture;
    return wish && !this.#removed ? observe({ ...picture, wish }, this.#show().since) : undefined;
  }

  unknown(): UnknownInstance {
    return { id: this.id, name: this.state.desired.name, status: this.#show().status };
  }

  ports(): number[] {
    const { process } = this.#launched;
    if (process.is !== "running" || this.state.port === null) return [];
    return [...new Set([this.state.port, ...process.run.ports.map((one) => one.port)])];
  }

  /** Every port that is its own: those of its last launch, those it is found on, and those that it is promised. */
  claimedPorts(): OtherPort[] {
    return claimsOf({ state: this.state, wish: this.#wish, runs: this.runs, found: this.foundPorts() });
  }

  /** What it listens on beside the port it was given. */
  foundPorts(): number[] {
    return this.ports().filter((port) => port !== this.state.port);
  }

  /** The numbers of its processes. */
  processes(): readonly number[] {
    const { process } = this.#launched;
    return process.is === "running" ? process.run.pids : [];
  }

  async measure(): Promise<void> {
    if (this.folder === undefined) return;
    this.#diskBytes = await measureDisk(this.folder);
    this.#world.changed(this.id);
  }

  async shutdown(endKeepers: boolean): Promise<void> {
    this.#closing = true;
    this.#folder.abort();
    clearTimeout(this.#alarm);
    const idle = this.#worker.stop();
    if (endKeepers) await this.#launched.end(idle);
    else this.#launched.leave();
    await this.#saved.settled();
  }

  #plan(familyBusy = this.#world.familyLaunching(this.id) !== undefined): Step {
    const { process } = this.#launched;
    const { launchedEpoch, outcome } = this.state;
    return nextStep(
      this.#wish,
      {
        launchedEpoch,
        process:
          process.is === "running"
            ? { is: "running", appGone: process.run.appGone }
            : process.is === "none"
              ? { is: "none", outcome }
              : process,
        supplyMissing: this.#supplies.waitingFor !== null,
        familyBusy,
        origin: this.#folder.origin,
        resetDue: this.#wish !== null && this.#wish.resets !== this.state.reset,
        satelliteRemains: this.#world.satelliteRemains(this.id),
        removed: this.#removed,
      },
      this.#world.clock.nowMs(),
    );
  }

  async #takeStep(): Promise<boolean> {
    clearTimeout(this.#alarm);
    const step = this.#plan();
    switch (step.do) {
      case "nothing":
        return false;
      case "wait":
        this.#alarm = setTimeout(() => this.poke(), step.untilMs - this.#world.clock.nowMs());
        return false;
      case "reset":
        this.#diskBytes = null;
        await this.#folder.reset();
        return true;
      case "make":
        await this.#folder.make();
        return true;
      case "launch":
        await this.#launch();
        this.#trouble = null;
        return true;
      case "stop":
        await this.#launched.stop(step.cause);
        this.#trouble = null;
        return true;
      case "remove":
        await this.#remove();
        return false;
    }
  }

  async #launch(): Promise<void> {
    const instance = this.#wish;
    if (!instance) return;
    this.#launching = true;
    this.#world.changed(this.id);
    try {
      await this.#launchAs(instance);
    } catch (error) {
      await this.#failLaunch(error, instance);
    } finally {
      this.#launching = false;
      this.#world.changed(this.id);
    }
  }

  async #launchAs(instance: DesiredInstance): Promise<void> {
    const values = this.#supplies.secretVariables(instance);
    const { spec, secrets } = await prepareLaunch(this.#world, instance, this.state, values, async (ports) => {
      // The folder and the ports are ours on disk before anything is made in them.
      await this.#saved.save({ desired: instance, ...ports, ownsFolder: true });
    });
    const isStillWanted = this.#wish?.desired === "running" && this.#wish.epoch === instance.epoch;
    if (this.#closing || !isStillWanted) return;
    const { root, program } = this.#world;
    const specFile = specFileOf(root, this.id, spec.launch);
    await writeSpec(specFile, spec);
    await this.#saved.save(begunLaunch(this.state, instance, spec.launch));
    this.#supplies.used();
    try {
      this.#launched.hold(await startKeeper({ program: program(), spec, secrets, specFile, cwd: root.path }));
    } catch (error) {
      this.#saved.report(error);
      await this.#afterUnmetKeeper();
    }
  }

  /** Too short a life to be met, or none at all: what is on disk tells. */
  async #afterUnmetKeeper(): Promise<void> {
    await this.#launched.adopt();
    const { kind } = this.state.outcome;
    if (kind !== "revive" && kind !== "lapsed") return;
    const [lastWords = "no word of it"] = await lastLines(this.logDir, 1);
    throw new LaunchError("keeper_failed", `the app's keeper could not be started: ${lastWords}`);
  }

  async #failLaunch(error: unknown, instance: DesiredInstance): Promise<void> {
    if (error instanceof SupplyMissing) return this.#supplies.await(error);
    const reason = reasonOfFailure(error);
    const outcome = { kind: "failed" as const, reason, exitCode: null, signal: null, restartAtMs: null };
    const record = { desired: instance, launchedEpoch: instance.epoch, inFlight: false, outcome };
    await this.#saved.tryToSave(record);
  }

  async #remove(): Promise<void> {
    if (!this.#wish) return;
    await this.#saved.settled();
    await this.#world.beforeRemoval(this.id);
    await removeInstance(this.#world.root, this.state, this.#wish.deleteMode, new Date(this.#world.clock.nowMs()));
    this.#removed = true;
    this.#world.removed(this.id);
  }

  #fail(error: unknown): void {
    this.#trouble = { code: "internal", message: messageOf(error) };
    this.#saved.report(error);
    this.#world.changed(this.id);
    // Nobody may come by for days: a folder that was in use may be free in a moment.
    if (!this.#closing) this.#alarm = setTimeout(() => this.poke(), RETRY_MS);
  }

  #picture(): Picture {
    const { process, lines } = this.#launched;
    const { waitingFor } = this.#supplies;
    const willLaunch = this.isDue;
    return {
      wish: this.#wish,
      state: this.state,
      process: process.is === "running" ? process.run.picture() : process,
      launching: this.#launching || waitingFor !== null || willLaunch,
      trouble: this.#trouble,
      making: this.#folder.picture(),
      waitingFor: waitingFor ?? (willLaunch ? this.#waitingForFamily() : null),
      lastLines: process.is === "running" && process.run.lines.length > 0 ? process.run.lines : lines,
      diskBytes: this.#diskBytes,
    };
  }

  #waitingForFamily(): KnownReason | null {
    const name = this.#world.familyLaunching(this.id);
    return name === undefined ? null : waitingForFamily(name);
  }

  /** The status and since when it is that. */
  #show(): { status: NodeStatus; since: string } {
    const status = statusOf(this.#picture());
    if (this.#shown?.status !== status)
      this.#shown = { status, since: new Date(this.#world.clock.nowMs()).toISOString() };
    return this.#shown;
  }
}
