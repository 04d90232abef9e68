/** Notices that the link is lost: when somebody asks, and by alarm while somebody depends on it (SPEC HB3). */
import type { AgentLink } from "./agent-link.ts";
import type { Watch } from "./watch.ts";

export type LinkWatchDeps = {
  link: AgentLink;
  watch: Watch;
  /** Whether a stream is open: it must not wait for a link that died in silence. */
  isBusy: () => boolean;
  /** Arms the alarm that calls {@link LinkWatch.look}. */
  lookBy: (at: number) => Promise<void>;
  /** The link was found silent and is closed. */
  onLost: (seenAt: number) => Promise<void>;
  now: () => number;
};

export type LinkAnswer = { online: boolean; lastSeenAt: string | null };

export class LinkWatch {
  readonly #deps: LinkWatchDeps;

  constructor(deps: LinkWatchDeps) {
    this.#deps = deps;
  }

  /** Somebody looks at the node, and goes on doing so for a while. */
  async ask(): Promise<LinkAnswer> {
    this.#deps.watch.renew(this.#deps.now());
    const answer = await this.check();
    await this.#lookLater();
    return answer;
  }

  /** Ends a link that is silent. */
  async check(): Promise<LinkAnswer> {
    const { link, onLost } = this.#deps;
    const check = link.check();
    if (!check) return { online: false, lastSeenAt: null };
    const lastSeenAt = new Date(check.seenAt).toISOString();
    if (!check.silent) return { online: true, lastSeenAt };
    link.socket(check.connection).close("silent");
    await onLost(check.seenAt);
    return { online: false, lastSeenAt };
  }

  /** For each request: ends a silent link, and sees to it that a later loss is noticed too. */
  async refresh(keepAlive: (work: Promise<void>) => void): Promise<void> {
    const { link, watch, now } = this.#deps;
    const check = link.check();
    if (check?.silent) await this.check();
    else if (check && !watch.isArmed(now())) keepAlive(this.#lookLater());
  }

  /** The alarm. */
  async look(): Promise<void> {
    this.#deps.watch.looked();
    await this.check();
    await this.goOn();
  }

  /** Arms the next look while somebody depends on the link; an idle node wakes its hub never. */
  async goOn(): Promise<void> {
    const { watch, isBusy, now } = this.#deps;
    if (watch.isLeased(now()) || isBusy()) await this.#lookLater();
  }

  async #lookLater(): Promise<void> {
    const { link, watch, lookBy, now } = this.#deps;
    const check = link.check();
    const at = check && watch.next(now(), check.seenAt);
    if (at !== undefined) await lookBy(at);
  }
}
