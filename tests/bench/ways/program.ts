/** A program that runs beside the benchmark and is ended by its pid. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { until } from "../../e2e/until.ts";

const READY_LIMIT_MS = 20_000;
const END_LIMIT_MS = 5_000;

export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = "";

  constructor(name: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    this.name = name;
    // A group of its own: Ctrl-C is for the benchmark, which ends its programs in order.
    this.#child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-8192)));
    }
    this.#exited = new Promise((resolve) => {
      this.#child
        .once("exit", () => resolve())
        .once("error", (error) => {
          this.#output += String(error);
          resolve();
        });
    });
  }

  /** Waits until it accepts connections on a port of this machine. */
  async untilListening(port: number): Promise<void> {
    await this.#until(`listens on ${port}`, () => accepts(port));
  }

  /** Waits for something that it prints. */
  async untilPrinted(pattern: RegExp): Promise<void> {
    await this.#until(`has printed ${String(pattern)}`, () => pattern.test(this.#output));
  }

  /** What it printed last. */
  get output(): string {
    return this.#output;
  }

  /** Ends it with everything that it started. */
  async end(): Promise<void> {
    const force = setTimeout(() => this.#signal("SIGKILL"), END_LIMIT_MS);
    this.#signal("SIGTERM");
    await this.#exited;
    clearTimeout(force);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
  }

  async #until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (this.#child.pid === undefined || this.#child.exitCode !== null) throw new Error(this.#told("ended"));
      return look();
    };
    await until(`${this.name} ${what}`, isReady, { limitMs: READY_LIMIT_MS, seen: () => this.#told("printed") });
  }

  #told(what: string): string {
    return `${this.name} ${what}:\n${this.#output}`;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
