/** One instance's folder: made from an origin (whether that is due, how far it is, why it failed), and emptied. */
import type { DesiredInstance, Reason } from "@roundhouse/protocol/instance";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { reasonOfFailure } from "./launch-failure.ts";
import { makeFromOrigin, type Making } from "./make.ts";
import type { Picture } from "./observed.ts";
import type { Actual } from "./plan.ts";
import { checkFolder, type Surroundings } from "./prepare.ts";
import { emptyInstallation } from "./reset.ts";
import type { SavedState } from "./saved-state.ts";

export type MakingSurroundings = Surroundings & {
  /** The folder of an instance that others may be copied from; undefined while it has none. */
  installedFolder: (id: string) => string | undefined;
  /** Whether anything runs that works in the installation of that instance. */
  isRunning: (id: string) => boolean;
  /** The name of one that works in the installation of that instance just now. */
  workingIn: (id: string) => string | undefined;
  /** Whatever else works in its folder ends. */
  beforeRemoval: (id: string) => Promise<void>;
};

export type FolderMakingOptions = {
  world: MakingSurroundings;
  saved: SavedState;
  wish: () => DesiredInstance | null;
  onChange: () => void;
};

const GIB = 1024 ** 3;

export class FolderMaking {
  readonly #options: FolderMakingOptions;
  #underWay: { message: string; abort: AbortController } | undefined;

  constructor(options: FolderMakingOptions) {
    this.#options = options;
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  get origin(): Actual["origin"] {
    const wish = this.#options.wish();
    const { made, unmade } = this.#options.saved.current;
    if (!wish?.origin || made) return "made";
    if (unmade?.epoch === wish.epoch) return "failed";
    return this.#busyWith === undefined ? "due" : "busy";
  }

  /** What others see of it; null when there is nothing to be made. */
  picture(): Picture["making"] {
    if (this.#underWay) return { failed: false, reason: copying(this.#underWay.message) };
    const { unmade } = this.#options.saved.current;
    switch (this.origin) {
      case "made":
        return null;
      case "failed":
        return unmade && { failed: true, reason: unmade.reason satisfies Reason };
      case "due":
        return { failed: false, reason: copying("its folder is to be made") };
      case "busy":
        return { failed: false, reason: copying(`waiting until ${JSON.stringify(this.#busyWith)} no longer installs`) };
    }
  }

  /** Never throws: a failure is kept, and shown until the next epoch. */
  async make(): Promise<void> {
    const { saved, onChange, wish } = this.#options;
    const instance = wish();
    if (!instance?.origin) return;
    const abort = new AbortController();
    this.#underWay = { message: "its folder is being made", abort };
    onChange();
    try {
      await this.#makeAs({ ...instance, origin: instance.origin }, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      await saved.tryToSave({ unmade: { epoch: instance.epoch, reason: reasonOfFailure(error) } });
    } finally {
      this.#underWay = undefined;
      onChange();
    }
  }

  /** Takes the installation away, so that the next launch installs anew. Call only when nothing of its family runs. */
  async reset(): Promise<void> {
    const { world, saved, wish } = this.#options;
    const { desired, ownsFolder } = saved.current;
    const { resets, rebuilds } = wish() ?? desired;
    if (ownsFolder) {
      await world.beforeRemoval(desired.id);
      await emptyInstallation(world.root, desired);
    }
    await saved.save({ reset: resets, rebuilt: rebuilds, everStarted: false, scriptDigest: null });
  }

  /** It is no longer wanted; what is half made is taken away with the instance. */
  abort(): void {
    this.#underWay?.abort.abort();
  }

  async #makeAs(instance: Making["instance"], signal: AbortSignal): Promise<void> {
    const { saved, world } = this.#options;
    checkFolder(world, instance);
    // It is ours on disk before anything is made in it.
    await saved.save({ desired: instance, ownsFolder: true });
    const { root, user, installedFolder, isRunning } = world;
    const onProgress = (copied: number, total: number): void => this.#tell(copied, total);
    await makeFromOrigin({ root, instance, user, sourceFolder: installedFolder, isRunning, onProgress, signal });
    await saved.save({ made: true, unmade: null });
  }

  #tell(copiedBytes: number, totalBytes: number): void {
    if (!this.#underWay) return;
    const gib = (bytes: number): string => (bytes / GIB).toFixed(2);
    this.#underWay.message = `copying: ${gib(copiedBytes)} of ${gib(totalBytes)} GiB`;
    this.#options.onChange();
  }

  get #busyWith(): string | undefined {
    const origin = this.#options.wish()?.origin;
    return origin?.kind === "copy" ? this.#options.world.workingIn(origin.of) : undefined;
  }
}

function copying(message: string): KnownReason {
  return { code: "copying", message };
}
