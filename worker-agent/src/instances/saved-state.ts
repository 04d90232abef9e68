/** An instance's state: in memory at once, on disk a moment later, always the newest. */
import type { DataRoot } from "../host/data-root.ts";
import { saveState, type InstanceState } from "./state-file.ts";

export class SavedState {
  #current: InstanceState;
  #saving: Promise<void> = Promise.resolve();
  readonly #root: DataRoot;
  readonly #log: (line: string) => void;

  constructor(root: DataRoot, initial: InstanceState, log: (line: string) => void) {
    this.#root = root;
    this.#current = initial;
    this.#log = log;
  }

  get current(): InstanceState {
    return this.#current;
  }

  /** Resolves when the changes are on disk. */
  save(changes: Partial<InstanceState>): Promise<void> {
    this.change(changes);
    const saved = this.#saving.then(() => saveState(this.#root, this.#current));
    this.#saving = saved.catch((error: unknown) => this.report(error));
    return saved;
  }

  /** As `save`, but a disk that does not take the changes is reported, and no more. */
  tryToSave(changes: Partial<InstanceState>): Promise<void> {
    void this.save(changes);
    return this.#saving;
  }

  /** For what need not survive by itself; the next `save` takes it along. */
  change(changes: Partial<InstanceState>): void {
    this.#current = { ...this.#current, ...changes };
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.#saving;
  }

  report(error: unknown): void {
    this.#log(`${this.#current.desired.name}: ${messageOf(error)}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
