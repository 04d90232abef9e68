/** Resident memory of processes, and how far it rises while something goes on. */
import { readFileSync } from "node:fs";
import type { House } from "../../e2e/house.ts";

const LOOK_EVERY_MS = 250;

/** The pid of a house's runtime. */
export function runtimeOf(house: House): number {
  const [runtime] = house.runtimes();
  if (!runtime) throw new Error("no runtime runs");
  return runtime.pid;
}

export function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}

export class MemoryWatch {
  readonly #pid: number;
  readonly #before: number;
  #peak: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = this.#peak = residentBytes(pid);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** By how many bytes it rose above what it was when the watch began, at most, since growth was last taken. */
  takeGrowth(): number {
    const growth = this.#peak - this.#before;
    this.#peak = residentBytes(this.#pid);
    return growth;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, residentBytes(this.#pid));
  }
}
