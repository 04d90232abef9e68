/** A bad network between an agent and its control plane: it delays, throttles, falls silent, and cuts at any place of any frame. */
import { createServer, type Server, type Socket, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FrameBoundaries } from "./frame-boundaries.ts";

export type Direction = "toControl" | "toAgent";
export type Cut = {
  direction: Direction;
  /** Behind this many frames of that direction, counted from now. */
  afterFrames: number;
  /** Not at the boundary, but in the middle of the frame behind it. */
  isInside: boolean;
  /** `reset` throws away what is under way, `end` closes in order. */
  how: "reset" | "end";
};

type Armed = Cut & { left: number; done: () => void };

export class CuttingProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  /** Of every byte of a link, in ms. */
  delayMs = 0;
  bytesPerSecond = Number.POSITIVE_INFINITY;
  /** New connections get no answer, as if the cable were pulled. */
  isUnplugged = false;
  /** Links (WebSockets) that were opened through it so far. */
  links = 0;
  #armed: Armed | undefined;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((agent) => this.#accept(agent));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const pair of this.#pairs) pair.destroy();
  }

  /** Resolves when the link was cut there. */
  cut(cut: Cut): Promise<void> {
    return new Promise((resolve) => {
      this.#armed = { ...cut, left: cut.afterFrames, done: resolve };
    });
  }

  /** Of the links that are open now, nothing is forwarded any more in these directions; nobody is told. */
  silence(...directions: Direction[]): void {
    for (const pair of this.#pairs) for (const direction of directions) pair.silent.add(direction);
  }

  /** The network is as it should be. What was silent stays so: its bytes are lost. */
  heal(): void {
    this.isUnplugged = false;
    this.delayMs = 0;
    this.bytesPerSecond = Number.POSITIVE_INFINITY;
  }

  #accept(agent: Socket): void {
    agent.on("error", () => agent.destroy());
    if (this.isUnplugged) return;
    const control = connect({ host: "127.0.0.1", port: this.#target });
    const pair = new Pair(agent, control);
    this.#pairs.add(pair);
    control.on("error", () => agent.destroy());
    for (const socket of [agent, control]) socket.setNoDelay(true);
    void this.#pump(pair, "toControl", agent, control);
    void this.#pump(pair, "toAgent", control, agent);
  }

  async #pump(pair: Pair, direction: Direction, from: Socket, to: Socket): Promise<void> {
    const boundaries = new FrameBoundaries(direction === "toAgent" ? () => (this.links += 1) : undefined);
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (pair.silent.has(direction)) continue;
        if (boundaries.isLink) await this.#hold(chunk.length);
        const cut = this.#cutIn(chunk, direction, boundaries);
        if (cut) return pair.cut(chunk.subarray(0, cut.at), to, cut.armed);
        if (!to.write(chunk)) await Promise.race([once(to, "drain"), once(to, "close")]);
      }
      if (!pair.silent.has(direction)) to.end();
    } catch {
      // A connection that breaks on one side breaks on the other.
      if (!pair.silent.has(direction)) to.destroy();
    } finally {
      if (from.destroyed && to.destroyed) this.#pairs.delete(pair);
    }
  }

  async #hold(bytes: number): Promise<void> {
    const ms = this.delayMs + (bytes / this.bytesPerSecond) * 1000;
    if (ms > 0) await sleep(ms);
  }

  /** Whether the cut is in this chunk, and how much of it still passes. Cut once, it is done. */
  #cutIn(chunk: Buffer, direction: Direction, boundaries: FrameBoundaries): { at: number; armed: Armed } | undefined {
    for (const frame of boundaries.read(chunk)) {
      const armed = this.#armed;
      if (armed?.direction !== direction) continue;
      armed.left -= 1;
      if (armed.left >= 0) continue;
      this.#armed = undefined;
      const at = armed.isInside ? Math.min(chunk.length, frame.start + Math.ceil(frame.length / 2)) : frame.start;
      return { at, armed };
    }
    return undefined;
  }
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve) => socket.once(event, () => resolve()));
}

/** One connection of the agent, and the one behind it. */
class Pair {
  readonly #agent: Socket;
  readonly #control: Socket;
  readonly silent = new Set<Direction>();

  constructor(agent: Socket, control: Socket) {
    this.#agent = agent;
    this.#control = control;
  }

  cut(last: Buffer, to: Socket, { how, done }: Armed): void {
    to.write(last, () => {
      for (const socket of [this.#agent, this.#control]) {
        if (how === "end") socket.end();
        else socket.resetAndDestroy();
      }
      done();
    });
  }

  destroy(): void {
    this.#agent.destroy();
    this.#control.destroy();
  }
}
