/** All terminals of this node: opened by name, found again by id, ended with their instance or the agent. */
import { MAX_TERMINALS_PER_INSTANCE } from "@roundhouse/protocol/limits";
import type { Terminal as Shown, TerminalSize } from "@roundhouse/protocol/terminal";
import { LaunchError } from "../blueprints/runtime.ts";
import { processesOfTerminals } from "../host/processes.ts";
import type { Surroundings } from "../instances/surroundings.ts";
import { isErrno } from "../keeper/durable-file.ts";
import { TerminalProblem } from "./problem.ts";
import { openPty, type PtyWay } from "./pty.ts";
import { shellOf } from "./shell.ts";
import { newTerminalId, Terminal } from "./terminal.ts";

export type TerminalsOptions = {
  surroundingsOf(instanceId: string): Promise<Surroundings | undefined>;
  /** How pseudo terminals are opened; the host's own ways unless a test says otherwise. */
  ways?: PtyWay[];
};

/** How long programs get to end after SIGHUP. */
const CLOSE_GRACE_MS = 3_000;
/** The agent itself promises to be gone after 5 s. */
const SHUTDOWN_GRACE_MS = 500;

export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #byInstance = new Map<string, Map<string, Terminal>>();
  /** One at a time, so that two sockets that ask for a name get the same terminal. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: TerminalsOptions) {
    this.#options = options;
  }

  list(instanceId: string): Shown[] {
    return [...(this.#byInstance.get(instanceId)?.values() ?? [])].map((terminal) => terminal.show());
  }

  find(instanceId: string, id: string): Terminal | undefined {
    return this.#byInstance.get(instanceId)?.get(id);
  }

  /** The terminal of that name, made if there is none. Throws {@link TerminalProblem}. */
  open(instanceId: string, name: string, size: TerminalSize): Promise<Terminal> {
    const opened = this.#turn.then(() => this.#open(instanceId, name, size));
    this.#turn = opened.catch(() => undefined);
    return opened;
  }

  /** False when there is none. Resolves when nothing of it is left. */
  async close(instanceId: string, id: string): Promise<boolean> {
    const terminal = this.find(instanceId, id);
    await terminal?.close(CLOSE_GRACE_MS);
    return terminal !== undefined;
  }

  /** All of an instance. */
  async closeAllOf(instanceId: string): Promise<void> {
    await this.#turn;
    await this.#closeAll([...(this.#byInstance.get(instanceId)?.values() ?? [])], CLOSE_GRACE_MS);
  }

  /** The agent ends. No terminal is opened any more. */
  async shutdown(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    const all = [...this.#byInstance.values()].flatMap((some) => [...some.values()]);
    await this.#closeAll(all, SHUTDOWN_GRACE_MS);
  }

  async #closeAll(terminals: Terminal[], graceMs: number): Promise<void> {
    await Promise.all(terminals.map((terminal) => terminal.close(graceMs)));
  }

  async #open(instanceId: string, name: string, size: TerminalSize): Promise<Terminal> {
    const all = this.#byInstance.get(instanceId) ?? new Map<string, Terminal>();
    const found = [...all.values()].find((terminal) => terminal.name === name && !terminal.exit);
    if (found) return found;
    const around = this.#isClosed ? undefined : await this.#surroundings(instanceId);
    if (!around) throw notInstalled();
    if (all.size >= MAX_TERMINALS_PER_INSTANCE) throw tooMany();
    const id = newTerminalId();
    const pty = await openPty({ ...(await shellOf(around, id)), size }, this.#options.ways);
    const terminal = await Terminal.around(pty, { id, name, size });
    this.#byInstance.set(instanceId, all.set(id, terminal));
    void terminal.over.then(() => this.#forget(instanceId, id));
    return terminal;
  }

  /** What keeps an app from being launched keeps its terminal from being opened. */
  async #surroundings(instanceId: string): Promise<Surroundings | undefined> {
    try {
      return await this.#options.surroundingsOf(instanceId);
    } catch (error) {
      if (error instanceof LaunchError) throw new TerminalProblem(error.code, error.message, error.hint);
      throw error;
    }
  }

  #forget(instanceId: string, id: string): void {
    const all = this.#byInstance.get(instanceId);
    all?.delete(id);
    if (all?.size === 0) this.#byInstance.delete(instanceId);
  }
}

/** What an agent that was killed left of its terminals: nobody can come back to it. */
export async function endStrayTerminals(instancesDir: string): Promise<void> {
  for (const pid of await processesOfTerminals(instancesDir)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!isErrno(error, "ESRCH") && !isErrno(error, "EPERM")) throw error;
    }
  }
}

function notInstalled(): TerminalProblem {
  return new TerminalProblem(
    "not_installed",
    "There is nothing of this instance on its node yet.",
    "Start it once; its folder is made then.",
  );
}

function tooMany(): TerminalProblem {
  return new TerminalProblem(
    "too_many_terminals",
    `This instance has ${MAX_TERMINALS_PER_INSTANCE} terminals, and that is the most.`,
    "Close one that is not needed any more.",
  );
}
