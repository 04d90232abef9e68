/** A channel to a program over its standard input and output; its standard error goes into the server's log (SPEC MC2). */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import type { AppUser } from "../../blueprints/runtime.ts";
import { MCP_CHANNEL_VARIABLE, processesOfChannel, readProcess } from "../../host/processes.ts";
import { offerToKernel } from "../../keeper/child.ts";
import { createEnding, type Ending } from "../../keeper/ending.ts";
import { type Channel, McpProblem, type Message } from "../channel.ts";
import type { ChannelLog } from "../log.ts";
import { LastWords } from "./last-words.ts";
import { Lines, messageOf } from "./lines.ts";

export type StdioSpec = {
  command: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  user: AppUser | null;
  /** What its processes are known by: begins with the server's folder, and is no other channel's. */
  name: string;
  log: ChannelLog;
  /** Takes the values of its secrets out of a text. */
  redact: (text: string) => string;
  onErrorOutput?: (bytes: Uint8Array) => void;
  /** Between SIGTERM and SIGKILL. */
  termGraceMs?: number;
  /** Aborted when the agent has no time left: it is ended at once. */
  hurry: AbortSignal;
};

/** How long it gets to end by itself once its input has ended. */
const END_GRACE_MS = 2_000;
const TERM_GRACE_MS = 3_000;
const HURRIED_GRACE_MS = 1_500;
/** What it wrote before its end and has not come by then is lost, or a child of its own holds the pipe. */
const DRAIN_LIMIT_MS = 500;
/** A server that reads nothing shall not fill the agent's memory. */
const MAX_UNREAD_BYTES = 4 * MAX_MCP_MESSAGE_BYTES;
const MIB = 1024 ** 2;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Throws `McpProblem` where the program cannot be started. */
export async function openStdio(spec: StdioSpec): Promise<Channel> {
  const child = await started(spec);
  return StdioChannel.around(child, spec);
}

function started(spec: StdioSpec): Promise<Child> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(notStarted(spec, error));
    try {
      const child = spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        env: { ...spec.env, [MCP_CHANNEL_VARIABLE]: spec.name },
        ...spec.user,
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
      });
      child.once("error", fail);
      child.once("spawn", () => resolve(child));
    } catch (error) {
      fail(error);
    }
  });
}

function notStarted({ command }: StdioSpec, error: unknown): McpProblem {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const name = JSON.stringify(command);
  if (code === "ENOENT") {
    return new McpProblem(`There is no program ${name} on the node.`, { hint: hintFor(command), cause: error });
  }
  if (code === "EACCES") {
    const hint = "See whether it is a program, and whether the apps' user may run it.";
    return new McpProblem(`The apps' user may not run ${name}.`, { hint, cause: error });
  }
  const words = error instanceof Error ? error.message : String(error);
  return new McpProblem(`${name} could not be started: ${words}.`, { cause: error });
}

function hintFor(command: string): string {
  if (command === "npx" || command === "npm" || command === "node") return "Install Node.js on the node.";
  if (command === "uvx" || command === "uv") {
    return "Install uv on the node (https://docs.astral.sh/uv), where the agent's PATH finds it.";
  }
  return "Install it on the node, or name its absolute path.";
}

class StdioChannel implements Channel {
  readonly over: Promise<string>;
  readonly #child: Child;
  readonly #spec: StdioSpec;
  readonly #ending: Ending;
  readonly #exited: Promise<string>;
  readonly #lastWords = new LastWords();
  readonly #lines = new Lines(MAX_MCP_MESSAGE_BYTES);
  #isStrange = false;
  #isDeaf = false;
  /** Why we end it, in words; it then did not end by itself. */
  #ended: string | undefined;
  #take: (message: Message) => void = () => undefined;

  static async around(child: Child, spec: StdioSpec): Promise<Channel> {
    const exited = exitOf(child);
    const pid = child.pid ?? 0;
    // One that ended within the millisecond leaves no start time; then whatever is in its session is its.
    const startTime = (await readProcess(pid))?.startTime ?? 0;
    await offerToKernel(pid).catch((error: unknown) => spec.log.note(`its memory is not offered: ${String(error)}`));
    return new StdioChannel(child, spec, exited, { pid, pgid: pid, startTime });
  }

  private constructor(
    child: Child,
    spec: StdioSpec,
    exited: Promise<string>,
    head: { pid: number; pgid: number; startTime: number },
  ) {
    this.#child = child;
    this.#spec = spec;
    this.#exited = exited;
    this.#ending = createEnding({ ...head, channel: spec.name }, processesOfChannel);
    // What it does not read any more is dropped: its end says so.
    child.stdin.on("error", () => undefined);
    const errors = this.#copyErrors();
    const drained = new Promise<void>((done) => child.stdout.once("close", done));
    this.over = this.#live(Promise.all([drained, errors]));
    spec.hurry.addEventListener("abort", this.#hurry, { once: true });
    if (spec.hurry.aborted) this.#hurry();
  }

  send(message: Message): void {
    const { stdin } = this.#child;
    if (!stdin.writable) return;
    stdin.write(`${JSON.stringify(message)}\n`);
    if (stdin.writableLength > MAX_UNREAD_BYTES) {
      this.#endBecause(`It read nothing while more than ${MAX_UNREAD_BYTES / MIB} MiB were sent to it.`);
    }
  }

  listen(take: (message: Message) => void): void {
    this.#take = take;
    // The pipe holds what came before.
    this.#child.stdout.on("data", (bytes: Buffer) => this.#onOutput(bytes));
  }

  async close(): Promise<void> {
    this.#ended ??= "It was ended.";
    this.#child.stdin.end();
    await Promise.race([this.#exited, sleep(END_GRACE_MS, undefined, { ref: false }), this.#hurried()]);
    await this.#ending.end(this.#spec.hurry.aborted ? HURRIED_GRACE_MS : (this.#spec.termGraceMs ?? TERM_GRACE_MS));
    await this.over;
  }

  async #live(drained: Promise<unknown>): Promise<string> {
    const how = await this.#exited;
    await Promise.race([drained, sleep(DRAIN_LIMIT_MS, undefined, { ref: false })]);
    this.#spec.hurry.removeEventListener("abort", this.#hurry);
    await this.#spec.log.flush();
    // What it left running; nobody waits for that but who closes.
    void this.#ending.end(TERM_GRACE_MS);
    if (this.#ended !== undefined) return this.#ended;
    const words = this.#lastWords.read(this.#spec.redact);
    return words === undefined ? `${how}.` : `${how}: ${words}`;
  }

  readonly #hurry = (): void => {
    this.#ended ??= "It was ended.";
    this.#child.stdin.end();
    void this.#ending.end(HURRIED_GRACE_MS);
  };

  #hurried(): Promise<void> {
    const { hurry } = this.#spec;
    if (hurry.aborted) return Promise.resolve();
    return new Promise((done) => hurry.addEventListener("abort", () => done(), { once: true }));
  }

  #endBecause(words: string): void {
    this.#ended ??= words;
    void this.close();
  }

  #onOutput(bytes: Uint8Array): void {
    if (this.#isDeaf) return;
    const lines = this.#lines.push(bytes);
    if (lines === undefined) {
      this.#isDeaf = true;
      return this.#endBecause(`It sent a message of more than ${MAX_MCP_MESSAGE_BYTES / MIB} MiB.`);
    }
    for (const line of lines) this.#onLine(line);
  }

  #onLine(line: string): void {
    const message = messageOf(line);
    if (message) return this.#take(message);
    if (line.trim() === "") return;
    if (!this.#isStrange) void this.#spec.log.note("it wrote to its standard output what is no message of MCP");
    this.#isStrange = true;
    void this.#spec.log.write(Buffer.from(`${line}\n`));
  }

  /** Reading pauses while the log takes a piece, and with it a program that outruns the disk. */
  async #copyErrors(): Promise<void> {
    try {
      for await (const bytes of this.#child.stderr as AsyncIterable<Buffer>) {
        this.#lastWords.push(bytes);
        this.#spec.onErrorOutput?.(bytes);
        await this.#spec.log.write(bytes);
      }
    } catch (error) {
      await this.#spec.log.note(`no more output: ${String(error)}`);
    }
  }
}

function exitOf(child: Child): Promise<string> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done(wordExit(child.exitCode, child.signalCode));
    child.once("exit", (code, signal) => done(wordExit(code, signal)));
  });
}

function wordExit(code: number | null, signal: string | null): string {
  return signal === null ? `It ended by itself with exit code ${code}` : `It was killed by ${signal}`;
}
