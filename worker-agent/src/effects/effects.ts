/** The effects of this node: by id, each run once, whichever agent asks (SPEC TC5–TC9). */
import { readdir } from "node:fs/promises";
import type { EffectSpec } from "../keeper/spec.ts";
import { claimEffect } from "../keeper/claim.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import { dropOld } from "./cleaning.ts";
import { Effect, type EffectWorld, type Ended, notRun } from "./effect.ts";
import { filesOf, readSpec, readTold, takenAtMs, writeTold } from "./records.ts";
import { Slots } from "./slots.ts";

/** Running at once; further ones wait. */
const MOST_RUNNING = 32;
const CLEANING_INTERVAL_MS = 60 * 60_000;

/** An effect as its callers see it. */
export type Call = Pick<Effect, "digest" | "startedAt" | "ended" | "cancel">;

export class Effects {
  readonly #world: EffectWorld;
  readonly #held = new Map<string, Effect>();
  #cleaning: NodeJS.Timeout | undefined;
  #isLeft = false;

  constructor({ mostRunning = MOST_RUNNING, ...world }: Omit<EffectWorld, "slots"> & { mostRunning?: number }) {
    this.#world = { ...world, slots: new Slots(mostRunning) };
  }

  /** Finds what an earlier agent left running, ends what a dead keeper left, and cleans up. */
  async begin(): Promise<void> {
    const { root } = this.#world;
    const entries = (await readdir(root.effectsDir, { withFileTypes: true }).catch(whenMissing)) ?? [];
    await Promise.all(entries.filter((one) => one.isDirectory()).map(({ name }) => this.find(name)));
    this.#clean();
    this.#cleaning = setInterval(() => this.#clean(), CLEANING_INTERVAL_MS).unref();
  }

  /** The effect of that id, if anybody ever took it. */
  async find(id: string): Promise<Call | undefined> {
    const held = this.#held.get(id);
    if (held) return held;
    const files = filesOf(this.#world.root, id);
    const takenMs = await takenAtMs(files);
    if (takenMs === undefined) return undefined;
    const told = await readTold(files);
    if (told) {
      const ended = Promise.resolve(told.answer as Ended);
      return { digest: told.digest, startedAt: new Date(takenMs).toISOString(), ended, cancel: async () => undefined };
    }
    const digest = (await readSpec(files))?.call.digest ?? null;
    return this.#held.get(id) ?? this.#hold(new Effect(this.#world, id, { digest }));
  }

  /** Starts an effect that nobody took yet. What an earlier agent wanted under that id, and never started, stands. */
  async start(spec: EffectSpec): Promise<Call> {
    const wanted = await readSpec(filesOf(this.#world.root, spec.id));
    const held = this.#held.get(spec.id);
    if (held) return held;
    if (this.#isLeft) throw new Error("the agent is about to end");
    const isOther = wanted !== undefined && wanted.call.digest !== spec.call.digest;
    if (isOther) return this.#told(wanted.call.digest, notRun("Another call has this id."));
    return this.#hold(new Effect(this.#world, spec.id, { spec }));
  }

  /** Sees to it that an id that was never seen is never run, also when its call comes later. */
  async forbid(id: string): Promise<Call | undefined> {
    const files = filesOf(this.#world.root, id);
    if (!(await claimEffect(files.dir))) return this.find(id);
    const answer = notRun("It was cancelled before it began.");
    await writeTold(files, { digest: null, answer });
    return this.#told(null, answer);
  }

  /** With `endKeepers` all that runs is ended, else it goes on without this agent. */
  async shutdown({ endKeepers }: { endKeepers: boolean }): Promise<void> {
    this.#isLeft = true;
    clearInterval(this.#cleaning);
    await Promise.all([...this.#held.values()].map((effect) => effect.leave(endKeepers)));
  }

  #told(digest: string | null, answer: Ended): Call {
    const ended = Promise.resolve(answer);
    return { digest, startedAt: new Date().toISOString(), ended, cancel: async () => undefined };
  }

  #hold(effect: Effect): Effect {
    this.#held.set(effect.id, effect);
    const forget = () => this.#held.delete(effect.id);
    effect.ended.then(forget, forget);
    return effect;
  }

  #clean(): void {
    const { root, log } = this.#world;
    dropOld(root).catch((error: unknown) => log(`old calls could not be cleaned up: ${String(error)}`));
  }
}
