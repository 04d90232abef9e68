/** How a server is, by what its channels and its requests say. Pure. */
import type { McpStatus } from "@roundhouse/protocol/mcp";
import type { McpProblem } from "./channel.ts";

type Shown = Pick<McpStatus, "state" | "reason" | "doing" | "startedAt">;
type Reason = NonNullable<McpStatus["reason"]>;
type Seen = { hasAnswered: boolean; startedAt: string };

export type SeenChannel = {
  /** It said something that only a server that works says. */
  answered: () => void;
  /** `why`: of one that ended by itself. */
  over: (why: Reason | null) => void;
};

export class Condition {
  readonly #onChange: () => void;
  readonly #channels = new Set<Seen>();
  #openings = 0;
  #doing: string | null = null;
  #failure: Reason | null = null;
  /** Of what has no channels: whether it last answered. */
  #answers = false;
  #told: string;

  /** Called when state or reason are others than they were. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#told = this.#key();
  }

  show(): Shown {
    const working = [...this.#channels].filter(({ hasAnswered }) => hasAnswered);
    const startedAt = [...this.#channels].map((one) => one.startedAt).toSorted()[0] ?? null;
    if (working.length > 0 || this.#answers) return { state: "ready", reason: null, doing: null, startedAt };
    if (this.#openings > 0) return { state: "starting", reason: null, doing: this.#doing, startedAt };
    if (this.#failure) return { state: "failed", reason: this.#failure, doing: null, startedAt };
    if (this.#channels.size > 0) return { state: "starting", reason: null, doing: this.#doing, startedAt };
    return { state: "idle", reason: null, doing: null, startedAt };
  }

  opening(doing: string): void {
    this.#openings += 1;
    this.#doing = doing;
    this.#failure = null;
    this.#look();
  }

  doing(doing: string): void {
    this.#doing = doing;
  }

  opened(): void {
    this.#openings -= 1;
    this.#look();
  }

  channel(): SeenChannel {
    const seen: Seen = { hasAnswered: false, startedAt: new Date().toISOString() };
    this.#channels.add(seen);
    this.#failure = null;
    return {
      answered: () => {
        if (seen.hasAnswered) return;
        seen.hasAnswered = true;
        this.#failure = null;
        this.#look();
      },
      over: (why) => {
        this.#channels.delete(seen);
        if (why) this.#failure = why;
        this.#look();
      },
    };
  }

  /** A request of it was answered, where there is no channel that could say so. */
  answered(): void {
    this.#answers = true;
    this.#failure = null;
    this.#look();
  }

  /** A server that others still reach has not failed. */
  failed({ message, hint }: McpProblem): void {
    this.#answers = false;
    const isReached = [...this.#channels].some(({ hasAnswered }) => hasAnswered);
    // Its channel may have said the same, and what to do.
    if (!isReached && this.#failure?.message !== message) {
      this.#failure = { message, ...(hint !== undefined && { hint }) };
    }
    this.#look();
  }

  /** On purpose. */
  ended(): void {
    this.#answers = false;
    this.#failure = null;
    this.#look();
  }

  #look(): void {
    const now = this.#key();
    if (now === this.#told) return;
    this.#told = now;
    this.#onChange();
  }

  #key(): string {
    const { state, reason } = this.show();
    return JSON.stringify([state, reason]);
  }
}
