/** One terminal: a shell with its pseudo terminal, the last of its output, and who watches it. */
import { newId } from "@roundhouse/protocol/ids";
import { TERMINAL_SCROLLBACK_BYTES } from "@roundhouse/protocol/limits";
import type { Terminal as Shown, TerminalSize } from "@roundhouse/protocol/terminal";
import { processesOfTerminal, readProcess } from "../host/processes.ts";
import { createEnding, type Ending } from "../keeper/ending.ts";
import type { Bell } from "./bell.ts";
import { Flow } from "./flow.ts";
import type { Pty, PtyExit } from "./pty.ts";
import { type Kept, Scrollback } from "./scrollback.ts";

/** A socket that shows the terminal. */
export type Watcher = {
  /** Undefined for one that said none: it takes the terminal as it is. */
  size: TerminalSize | undefined;
  /** The offset behind the last byte it was given. */
  next: number;
  /** Rings at output, at another size and at the end. */
  bell: Bell;
};

/** What the shell left behind gets as long to end as what is closed. */
const LEFTOVER_GRACE_MS = 3_000;

export class Terminal {
  readonly id: string;
  readonly name: string;
  /** Resolves when nothing of it is left. */
  readonly over: Promise<void>;
  exit: PtyExit | undefined;
  readonly #pty: Pty;
  readonly #ending: Ending;
  readonly #scrollback = new Scrollback(TERMINAL_SCROLLBACK_BYTES);
  readonly #flow: Flow;
  readonly #watchers = new Set<Watcher>();
  readonly #createdAt = new Date();
  #size: TerminalSize;
  /** Who typed last: the size is theirs, and so are the answers to what the program asks. */
  #leader: Watcher | undefined;

  /** `id` is what its processes carry in their environment. */
  static async around(pty: Pty, options: { id: string; name: string; size: TerminalSize }): Promise<Terminal> {
    // A shell that ended within the millisecond leaves no start time; then whatever is in its session is its.
    const startTime = (await readProcess(pty.pid))?.startTime ?? 0;
    return new Terminal(pty, startTime, options);
  }

  private constructor(pty: Pty, startTime: number, options: { id: string; name: string; size: TerminalSize }) {
    this.id = options.id;
    this.name = options.name;
    this.#size = options.size;
    this.#pty = pty;
    this.#flow = new Flow(pty, () => this.#behind());
    const head = { id: this.id, pid: pty.pid, pgid: pty.pid, startTime };
    // An interactive shell ignores SIGTERM; this is what a terminal that goes away says.
    this.#ending = createEnding(head, processesOfTerminal, "SIGHUP");
    pty.onData((bytes) => this.#onData(bytes));
    this.over = this.#live();
  }

  get size(): TerminalSize {
    return this.#size;
  }

  /** The offset behind the last byte of its output. */
  get end(): number {
    return this.#scrollback.end;
  }

  show(): Shown {
    const { id, name } = this;
    return { id, name, ...this.#size, watchers: this.#watchers.size, createdAt: this.#createdAt.toISOString() };
  }

  attach(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (!this.#leader) this.#lead(watcher);
    this.#flow.look();
  }

  detach(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#leader === watcher) {
      this.#leader = undefined;
      const latest = [...this.#watchers].at(-1);
      if (latest) this.#lead(latest);
    }
    this.#flow.look();
  }

  /** What a watcher has not seen; it counts as given. */
  read(watcher: Watcher, maxBytes: number): Kept {
    const kept = this.#scrollback.read(watcher.next, maxBytes);
    watcher.next = kept.offset + kept.bytes.length;
    if (kept.bytes.length > 0) this.#flow.onTaken();
    return kept;
  }

  async type(watcher: Watcher, bytes: Uint8Array): Promise<void> {
    if (this.#leader !== watcher) this.#lead(watcher);
    await this.#pty.write(bytes);
  }

  /** What a watcher's emulator answers to the program: of several that show it, one is to answer. */
  async answer(watcher: Watcher, bytes: Uint8Array): Promise<void> {
    if (this.#leader === watcher) await this.#pty.write(bytes);
  }

  resize(watcher: Watcher, size: TerminalSize): void {
    watcher.size = size;
    if (!this.#leader || this.#leader === watcher) this.#lead(watcher);
  }

  /** Ends the shell and all it started: asked first, killed after the grace. Resolves when nothing is left. */
  async close(graceMs: number): Promise<void> {
    await this.#ending.end(graceMs);
    this.#pty.destroy();
    await this.over;
  }

  async #live(): Promise<void> {
    const exit = await this.#pty.exited;
    this.#flow.stop();
    this.exit = exit;
    this.#ring();
    await this.#ending.end(LEFTOVER_GRACE_MS);
    this.#pty.destroy();
  }

  #onData(bytes: Uint8Array): void {
    this.#scrollback.append(bytes);
    this.#flow.onOutput(bytes.length);
    this.#ring();
  }

  /** How many bytes the fastest watcher has yet to take; 0 when nobody watches. */
  #behind(): number {
    if (this.#watchers.size === 0) return 0;
    return this.#scrollback.end - Math.max(...[...this.#watchers].map(({ next }) => next));
  }

  #lead(watcher: Watcher): void {
    this.#leader = watcher;
    const { size } = watcher;
    if (!size || (size.cols === this.#size.cols && size.rows === this.#size.rows)) return;
    this.#size = { cols: size.cols, rows: size.rows };
    this.#pty.resize(this.#size);
    this.#ring();
  }

  #ring(): void {
    for (const { bell } of this.#watchers) bell.ring();
  }
}

export function newTerminalId(): string {
  return newId("terminal");
}
