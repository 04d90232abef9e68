/** A whole Roundhouse for a test: the real `npm start` on a free port with a data folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api } from "./api.ts";
import { killHard, type Process, processesNaming, treeOf } from "./processes.ts";
import { until } from "./until.ts";

const root = join(import.meta.dirname, "../..");
/** The first start may build. */
const START_LIMIT_MS = 120_000;
const END_LIMIT_MS = 30_000;
/** Of the tests' own surroundings, nothing that changes how a program behaves reaches the product. */
const NOT_PASSED_ON =
  /^(VITEST\w*|NODE_ENV|NODE_OPTIONS|TEST|PROD|DEV|MODE|BASE_URL|ROUNDHOUSE_\w+|PORT|HOST|PUBLIC_URL|APPS_DOMAIN)$/;

export class House {
  readonly port: number;
  /** The dashboard's address in a browser. */
  readonly url: string;
  readonly data: string;
  readonly api: Api;
  readonly adminKey = `e2e_${randomBytes(24).toString("hex")}`;
  readonly #temp: string;
  readonly #settings: Record<string, string>;
  #start: ChildProcess | undefined;
  #output = "";
  #link = "";

  constructor(port: number, temp: string, settings: Record<string, string>) {
    this.port = port;
    this.url = `http://localhost:${port}`;
    this.#temp = temp;
    this.#settings = settings;
    this.data = join(temp, "data");
    this.api = new Api(port, this.adminKey);
  }

  /** Everything the last start has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** The one-use sign-in link that the last start printed. */
  get signInLink(): string {
    return this.#link;
  }

  /** The pid of scripts/run.mjs, which heads everything but keepers and apps. */
  get startPid(): number {
    const pid = this.#start?.pid;
    if (pid === undefined) throw new Error("this house is not started");
    return pid;
  }

  /** The agent's data root. */
  get nodeData(): string {
    return join(this.data, "node");
  }

  /** Starts the product and waits for its link. Answers after how many milliseconds it was printed. */
  async start(): Promise<number> {
    const begin = performance.now();
    this.#output = "";
    const start = spawn(process.execPath, [join(root, "scripts/run.mjs"), "local/start.ts"], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: this.#environment(),
    });
    this.#start = start;
    for (const stream of [start.stdout, start.stderr]) {
      stream.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    const printed = (): string | undefined => {
      if (start.exitCode !== null) throw new Error(`the start ended with ${start.exitCode}:\n${this.#output}`);
      return /Sign in[^\n]*\n\s*(http\S+)\n/.exec(this.#output)?.[1];
    };
    const seen = () => this.#output;
    this.#link = (await until("the sign-in link is printed", printed, { limitMs: START_LIMIT_MS, seen })).value;
    return Math.round(performance.now() - begin);
  }

  /** Waits until the local node is connected. */
  async untilOnline(limitMs = 20_000): Promise<void> {
    const isOnline = async () => (await this.api.nodes().catch(() => [])).some((node) => node.status === "online");
    await until("the local node is online", isOnline, { limitMs, seen: () => this.#output });
  }

  /** What a terminal does at Ctrl-C. Answers after how many milliseconds the start program had ended. */
  async interrupt(): Promise<number> {
    const begin = performance.now();
    const ended = this.#untilEnded();
    if (this.#isStarted) process.kill(-this.startPid, "SIGINT");
    await ended;
    return Math.round(performance.now() - begin);
  }

  /** Kills the start program, the control plane and the agent at one blow, and the keepers if asked; apps are spared. */
  async killTree(options: { keepers?: boolean } = {}): Promise<void> {
    const ended = this.#untilEnded();
    const keepers = this.keepers();
    const spared = new Set(keepers.flatMap(({ pid }) => treeOf(pid)).map(({ pid }) => pid));
    if (options.keepers) for (const { pid } of keepers) spared.delete(pid);
    for (const { pid } of this.processes()) if (!spared.has(pid)) killHard(pid);
    await ended;
  }

  /** Every process that belongs to this house. */
  processes(): Process[] {
    return processesNaming(this.#temp);
  }

  /** The keepers, which hold one app each. */
  keepers(): Process[] {
    return this.processes().filter(({ command }) => /\/keeper-\w+\.mjs /.test(command));
  }

  /** The runtimes of the control plane: one, or none for a moment. */
  runtimes(): Process[] {
    return this.processes().filter(({ command }) => command.includes("/workerd serve "));
  }

  async agentPid(): Promise<number> {
    return Number(await readFile(join(this.data, "agent.pid"), "utf8"));
  }

  /** Ends everything, and throws if a process was left behind. */
  async close(): Promise<void> {
    await this.interrupt();
    const left = this.processes();
    for (const { pid } of left) killHard(pid);
    await rm(this.#temp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    if (left.length > 0) throw new Error(`left behind:\n${left.map((one) => `${one.pid} ${one.command}`).join("\n")}`);
  }

  get #isStarted(): boolean {
    return this.#start !== undefined && this.#start.exitCode === null && this.#start.signalCode === null;
  }

  #environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name));
    return {
      ...Object.fromEntries(kept),
      PORT: String(this.port),
      ROUNDHOUSE_DATA: this.data,
      ROUNDHOUSE_ADMIN_KEY: this.adminKey,
      ...this.#settings,
    };
  }

  #untilEnded(): Promise<void> {
    if (!this.#isStarted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`it did not end:\n${this.#output}`)), END_LIMIT_MS);
      this.#start?.once("exit", () => {
        clearTimeout(limit);
        resolve();
      });
    });
  }
}

/** A house that is not started yet; `settings` are variables for its start. The caller closes it. */
export async function makeHouse(port?: number, settings: Record<string, string> = {}): Promise<House> {
  const temp = await mkdtemp(join(tmpdir(), "roundhouse-e2e-"));
  // Apps may run as another user, who has to pass through.
  await chmod(temp, 0o711);
  return new House(port ?? (await freePort()), temp, settings);
}

/** A started house with its node online. The caller closes it. */
export async function openHouse(port?: number, settings: Record<string, string> = {}): Promise<House> {
  const house = await makeHouse(port, settings);
  try {
    await house.start();
    await house.untilOnline();
    return house;
  } catch (error) {
    await house.close();
    throw error;
  }
}

/** A port that nobody listens on now, outside the range that nodes give to their instances. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}
