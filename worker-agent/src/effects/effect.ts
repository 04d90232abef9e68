/** One call with an effect, from a wish to its answer: started once or found again, followed, cancelled (SPEC TC5–TC9). */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ToolCallAnswer } from "@roundhouse/protocol/tool-call";
import type { DataRoot } from "../host/data-root.ts";
import { claimEffect, decideStart } from "../keeper/claim.ts";
import type { KeeperLink } from "../keeper/client.ts";
import { endLeftovers, reachKeeper } from "../keeper/reach.ts";
import type { EffectSpec, ExitRecord, KeeperRecord } from "../keeper/spec.ts";
import { startKeeper, writeSpec } from "../keeper/start.ts";
import { type EffectFiles, filesOf, isWanted, readExit, readKeeper, readSpec, readTold, writeTold } from "./records.ts";
import type { Slots } from "./slots.ts";

/** How an effect ended whose keeper recorded it. */
export type EffectEnd = { spec: EffectSpec; record: KeeperRecord; exit: ExitRecord; logDir: string };
export type Ended = Extract<ToolCallAnswer, { state: "done" | "unknown" }>;

export type EffectWorld = {
  root: DataRoot;
  /** The keeper program. */
  program: () => string;
  slots: Slots;
  /** What an end means for the model. */
  resultOf: (end: EffectEnd) => Promise<Ended>;
  log: (line: string) => void;
};

/** Cancelling shall be over within 2 s. */
const CANCEL_GRACE_MS = 1_000;
const SHUTDOWN_GRACE_MS = 3_000;
const SHUTDOWN_LIMIT_MS = 4_200;
const CLOSE_LIMIT_MS = 5_000;
/** A keeper that has just taken an effect writes its record within moments, on a busy host within seconds. */
const RECORD_LIMIT_MS = 10_000;
const KEEPER_PATIENCE_MS = 30_000;
const POLL_MS = 50;

export const UNKNOWN =
  "Nobody knows how far it came: the process that held it was killed, or the node was restarted. It was not run again.";

export class Effect {
  readonly id: string;
  readonly startedAt = new Date().toISOString();
  /** null where it was cancelled before it came. */
  readonly digest: string | null;
  /** Rejects only when this agent leaves. */
  readonly ended: Promise<Ended>;
  readonly #world: EffectWorld;
  readonly #files: EffectFiles;
  readonly #cancelled = new AbortController();
  #link: KeeperLink | undefined;
  #leaving: "leave" | "end" | null = null;

  /** With a spec it is started; without, one that was taken before is found again. */
  constructor(world: EffectWorld, id: string, wish: { spec: EffectSpec } | { digest: string | null }) {
    this.#world = world;
    this.id = id;
    this.#files = filesOf(world.root, id);
    this.digest = "spec" in wish ? wish.spec.call.digest : wish.digest;
    this.ended = "spec" in wish ? this.#run(wish.spec) : world.slots.occupy(() => this.#settle());
    // Whoever waits for it hears of that; nobody may be waiting.
    this.ended.catch(() => undefined);
  }

  /** Resolves when nothing of it is left. */
  async cancel(): Promise<void> {
    this.#cancelled.abort();
    this.#link?.stop("stop", CANCEL_GRACE_MS);
    await this.ended;
    await this.#gone();
  }

  /** The agent goes. An effect goes on, unless its node shuts down with it. */
  async leave(endKeepers: boolean): Promise<void> {
    this.#leaving = endKeepers ? "end" : "leave";
    if (!endKeepers) return this.#link?.close();
    this.#link?.stop("shutdown", SHUTDOWN_GRACE_MS);
    const gone = this.ended.then(
      () => this.#link?.closed,
      () => undefined,
    );
    await Promise.race([gone, sleep(SHUTDOWN_LIMIT_MS, undefined, { ref: false })]);
  }

  async #gone(): Promise<void> {
    await Promise.race([this.#link?.closed, sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #run(spec: EffectSpec): Promise<Ended> {
    const { slots } = this.#world;
    return slots.take(this.#cancelled.signal, async () => {
      if (this.#leaving) throw new Error("this agent left");
      if (this.#cancelled.signal.aborted) return this.#takeBack("It was cancelled before it began.");
      try {
        const { root, program } = this.#world;
        const { specFile } = this.#files;
        await writeSpec(specFile, spec);
        this.#hold(await startKeeper({ program: program(), spec, specFile, cwd: root.path }));
      } catch (error) {
        return this.#takeBack(`It was not run: ${error instanceof Error ? error.message : String(error)}.`);
      }
      return this.#settle();
    });
  }

  /** Whoever makes the folder first decides: a keeper that is late finds it there. Somebody's effect is followed. */
  async #takeBack(why: string): Promise<Ended> {
    try {
      if (await claimEffect(this.#files.dir)) return await this.#tell(notRun(why));
    } catch (error) {
      // A disk that takes nothing. Without a spec there is no keeper, either.
      const isThere = await isWanted(this.#files);
      this.#world.log(`call ${this.id}: ${String(error)}`);
      return isThere ? { state: "unknown", message: UNKNOWN } : notRun(why);
    }
    return this.#settle();
  }

  async #settle(): Promise<Ended> {
    const told = await readTold(this.#files);
    if (told) return told.answer as Ended;
    const record = await this.#awaitKeeper();
    const exit = record && (await this.#exitOf(record));
    const spec = await readSpec(this.#files);
    if (!record || !exit || !spec) return this.#lost();
    return this.#tell(await this.#world.resultOf({ spec, record, exit, logDir: this.#files.logDir }));
  }

  async #awaitKeeper(): Promise<KeeperRecord | undefined> {
    for (const limitMs = Date.now() + RECORD_LIMIT_MS; ; await sleep(POLL_MS)) {
      const record = await readKeeper(this.#files);
      if (record || Date.now() > limitMs) return record;
    }
  }

  async #exitOf(record: KeeperRecord): Promise<ExitRecord | undefined> {
    const link = this.#link ?? (await reachKeeper(record, KEEPER_PATIENCE_MS));
    if (link && !this.#link) this.#hold(link);
    const heard = await link?.exited;
    if (heard) return heard;
    if (this.#leaving === "leave") throw new Error("this agent left");
    await endLeftovers(record, CANCEL_GRACE_MS);
    return readExit(this.#files);
  }

  #hold(link: KeeperLink): void {
    this.#link = link;
    if (this.#leaving === "leave") link.close();
    else if (this.#leaving === "end") link.stop("shutdown", SHUTDOWN_GRACE_MS);
    else if (this.#cancelled.signal.aborted) link.stop("stop", CANCEL_GRACE_MS);
  }

  /** Its keeper is gone without a word. Where it had not begun, it never will. */
  async #lost(): Promise<Ended> {
    const neverBegan = await decideStart(this.#files.dir, "agent").catch((error: unknown) => {
      this.#world.log(`call ${this.id}: ${String(error)}`);
      return false;
    });
    return this.#tell(
      neverBegan ? notRun("It was not run: its keeper ended before it began.") : { state: "unknown", message: UNKNOWN },
    );
  }

  /** What could not be written is made again from the same records. */
  async #tell(answer: Ended): Promise<Ended> {
    await writeTold(this.#files, { digest: this.digest, answer }).catch((error: unknown) => {
      this.#world.log(`call ${this.id}: its result could not be saved: ${String(error)}`);
    });
    await rm(this.#files.specFile, { force: true });
    return answer;
  }
}

export function notRun(why: string): Ended {
  const result = { ok: false, content: `${why} Nothing was changed.`, more: null, exitCode: null, durationMs: 0 };
  return { state: "done", result };
}
