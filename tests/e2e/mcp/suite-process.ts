/** The conformance suite's server as a process of its own, beside a test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "suite-server.ts");

export class SuiteServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** On a free port of loopback. The caller closes it. */
  static async open(): Promise<SuiteServer> {
    const env = { ...process.env, PORT: "0" };
    const child = spawn(process.execPath, [PROGRAM], { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the suite's server ended with ${code} before it listened`);
    });
    const [said] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer];
    // It ends at the latest with the test, which is no failure of it.
    ended.catch(() => undefined);
    return new SuiteServer(child, Number(said));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}
