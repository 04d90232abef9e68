/** Nodes without apps, many to a process (fixtures/links.ts), as the benchmark sees them: up, down, and since when. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { until } from "../e2e/until.ts";

/** What a process of nodes tells. A node is `up` when it is welcomed, `down` when its link has ended. */
export type LinkEvent = { type: "dialled" | "up"; node: string } | { type: "down"; node: string; line: string };

export class Links {
  readonly #children: ChildProcess[];
  readonly #count: number;
  /** Node → when it was last welcomed; absent while it is down. */
  readonly #upSince = new Map<string, number>();
  readonly #dialledAt = new Map<string, number>();
  readonly drops: string[] = [];
  #failed: Error | undefined;

  constructor(address: { url: string; token: string }, options: { count: number; processes: number }) {
    this.#count = options.count;
    const share = String(Math.ceil(options.count / options.processes));
    this.#children = Array.from({ length: options.processes }, () => {
      const child = fork(join(import.meta.dirname, "fixtures/links.ts"), [address.url, address.token, share]);
      child.on("message", (event: LinkEvent) => this.#onEvent(event));
      child.on("exit", (code) => (this.#failed ??= new Error(`a process of nodes ended with ${code}`)));
      return child;
    });
  }

  /** The first node and when it began to dial. */
  get firstDialled(): { node: string; at: number } | undefined {
    for (const [node, at] of this.#dialledAt) return { node, at };
    return undefined;
  }

  /** Waits until every node has been welcomed after `since`. Answers when the last one was. */
  async untilAllUp(since: number, limitMs: number): Promise<number> {
    const upSince = (): number[] => [...this.#upSince.values()].filter((at) => at >= since);
    const areUp = (): boolean => {
      if (this.#failed) throw this.#failed;
      return upSince().length === this.#count;
    };
    const seen = () => `${upSince().length} of ${this.#count} are up; last lost: ${this.drops.at(-1) ?? "none"}`;
    await until("every link is up", areUp, { limitMs, seen });
    return Math.max(...upSince());
  }

  async end(): Promise<void> {
    const running = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const exits = running.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(exits);
  }

  #onEvent(event: LinkEvent): void {
    const now = performance.now();
    switch (event.type) {
      case "dialled":
        this.#dialledAt.set(event.node, now);
        return;
      case "up":
        this.#upSince.set(event.node, now);
        return;
      case "down":
        this.#upSince.delete(event.node);
        this.drops.push(event.line);
        return;
    }
  }
}
