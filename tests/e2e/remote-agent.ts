/** A worker agent on "another machine": a process of its own that reaches the house only by the address it is given. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import type { Node } from "@roundhouse/protocol/api/node";
import type { House } from "./house.ts";
import { until } from "./until.ts";

const program = join(import.meta.dirname, "../../worker-agent/dist/agent.mjs");

export class RemoteAgent {
  readonly #house: House;
  readonly #url: string;
  readonly #name: string;
  #process: ChildProcess | undefined;
  output = "";

  constructor(house: House, url: string, name: string) {
    this.#house = house;
    this.#url = url;
    this.#name = name;
  }

  /** Links that came about so far. */
  get connections(): number {
    return this.output.split("connected to ").length - 1;
  }

  /** Joins with a new token the first time, and is the same node each time after. */
  async start(): Promise<void> {
    const { token } = await this.#house.api.post<NewJoinToken>("/api/join-tokens");
    const data = join(this.#house.data, this.#name);
    const args = ["--token", token, "--url", this.#url, "--name", this.#name, "--data", data];
    const agent = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = agent;
    for (const stream of [agent.stdout, agent.stderr]) {
      stream.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  async node(): Promise<Node | undefined> {
    return (await this.#house.api.nodes()).find(({ name }) => name === this.#name);
  }

  async untilStatus(status: Node["status"], limitMs = 30_000): Promise<Node> {
    const look = async (): Promise<Node | undefined> => {
      const node = await this.node().catch(() => undefined);
      return node?.status === status ? node : undefined;
    };
    return (await until(`${this.#name} is ${status}`, look, { limitMs, seen: () => this.output })).value;
  }

  /** Ends it with its apps. */
  async end(): Promise<void> {
    const agent = this.#process;
    if (!agent || agent.exitCode !== null) return;
    const ended = once(agent, "exit");
    agent.kill("SIGUSR2");
    await ended;
  }
}
