/** What goes on while parts are killed: transfers, echoes and writes, each of which must be right, or be told that it broke. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { JoinToken } from "@roundhouse/protocol/api/join";
import { program } from "../e2e/blueprints.ts";
import { download, echo, type Ended, upload, type Way, wayTo } from "../e2e/calls.ts";
import type { House } from "../e2e/house.ts";

const TRANSFER_BYTES = 400 * 1024;
const ECHOES = 20;
/** So that a control plane that is away is not asked a thousand times a second. */
const PAUSE_MS = 50;

export class Load {
  readonly #house: House;
  readonly #way: Way;
  readonly #running: Promise<void>[];
  readonly #written = new Set<string>();
  #isOver = false;
  whole = 0;
  broken = 0;
  /** What must never be: wrong bytes, a foreign status, silence. */
  readonly problems: string[] = [];

  constructor(house: House, way: Way) {
    this.#house = house;
    this.#way = way;
    const body = randomBytes(TRANSFER_BYTES);
    const calls = [() => download(way, TRANSFER_BYTES), () => upload(way, body), () => echo(way, ECHOES)];
    this.#running = [...calls.map((call) => this.#repeat(call)), this.#write()];
  }

  /** Installs the app that it works with, and begins. */
  static async on(house: House): Promise<{ load: Load; instance: Instance }> {
    const file = join(import.meta.dirname, "../e2e/fixtures/workload.mjs");
    await house.api.addBlueprint("workload", program("Workload", file));
    const instance = await house.api.install({ name: "workload", blueprint: "workload" });
    return { load: new Load(house, await wayTo(house, instance)), instance };
  }

  /** Ends when every call has ended. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
  }

  /** What is wrong afterwards: every call works again, and whatever was accepted is kept. */
  async judge(): Promise<string[]> {
    const calls = await Promise.all([
      download(this.#way, 10_000),
      upload(this.#way, randomBytes(10_000)),
      echo(this.#way, 3),
    ]);
    const failed = calls
      .filter(({ how }) => how === "broken")
      .map(({ what, detail }) => `${what} is broken: ${detail}`);
    const kept = new Set(await this.#tokens());
    const lost = [...this.#written].filter((name) => !kept.has(name)).map((name) => `${name} was accepted and is lost`);
    return [...this.problems, ...failed, ...lost];
  }

  async #repeat(call: () => Promise<Ended>): Promise<void> {
    while (!this.#isOver) {
      try {
        const { how } = await call();
        this[how] += 1;
      } catch (error) {
        this.problems.push(String(error));
      }
      await sleep(PAUSE_MS);
    }
  }

  /** Small things, each with a name of its own. */
  async #write(): Promise<void> {
    for (let count = 1; !this.#isOver; count += 1) {
      const name = `write ${count}`;
      const answer = await this.#house.api.call("POST", "/api/join-tokens", { name }).catch(() => undefined);
      if (answer?.status === 201) this.#written.add(name);
      await sleep(PAUSE_MS);
    }
  }

  async #tokens(): Promise<(string | null)[]> {
    const names: (string | null)[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: { items: JoinToken[]; cursor: string | null } = await this.#house.api.get(
        `/api/join-tokens?limit=500${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      names.push(...page.items.map((token) => token.name));
      ({ cursor } = page);
    }
    return names;
  }
}
