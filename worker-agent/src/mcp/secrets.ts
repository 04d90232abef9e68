/** The values of the secrets that a server's variables name, asked for at each start and kept in memory only (SPEC MC3, EV3, EV4). */
import type { ControlSecrets } from "@roundhouse/protocol/messages";
import { type EnvironmentVariable, secretsOf } from "@roundhouse/protocol/variables";
import { McpProblem } from "./channel.ts";

/** The control plane answers within moments, or not at all: it does not know the server any more. */
const ANSWER_LIMIT_MS = 15_000;
const LAST_WORDS_MS = 60_000;

export class ServerSecrets {
  readonly #ask: () => boolean;
  readonly #limitMs: number;
  #values: ReadonlyMap<string, string> = new Map();
  readonly #lived = new Set<readonly string[]>();
  #asking: { answer: Promise<ControlSecrets>; settle: (told: ControlSecrets) => void } | undefined;

  /** `ask` says whether anybody could be asked. */
  constructor(ask: () => boolean, limitMs = ANSWER_LIMIT_MS) {
    this.#ask = ask;
    this.#limitMs = limitMs;
  }

  /** Every value that is known, or that a process lives with, for whoever takes them out of texts. */
  known(): string[] {
    return [...new Set([...this.#values.values(), ...[...this.#lived].flat()])];
  }

  /** A process has the values that it began with, whatever was told since; what it said last may still be on its way. */
  liveWith(values: readonly string[], over: Promise<unknown>): void {
    this.#lived.add(values);
    void over.then(() => setTimeout(() => this.#lived.delete(values), LAST_WORDS_MS).unref());
  }

  arrived(told: ControlSecrets): void {
    this.#asking?.settle(told);
  }

  /** A question that met the end of a link is asked again with the next one. */
  askAgain(): void {
    if (this.#asking) this.#ask();
  }

  /** Values by the names of the variables. Throws `McpProblem` where they cannot be had. */
  async variables(env: readonly EnvironmentVariable[]): Promise<Record<string, string>> {
    const names = secretsOf(env);
    if (names.length === 0) return {};
    const isKnown = names.every((name) => this.#values.has(name));
    const question = this.#question();
    if (question) this.#learn(await this.#within(question));
    else if (!isKnown) {
      throw new McpProblem("The values of its secrets cannot be asked for: the link to the control plane is down.", {
        hint: "Try again once the node is online.",
      });
    }
    return Object.fromEntries(env.flatMap(({ name, secret }) => (secret ? [[name, this.#valueOf(secret)]] : [])));
  }

  /** One for all who start meanwhile; undefined where nobody can be asked. */
  #question(): Promise<ControlSecrets> | undefined {
    if (this.#asking) return this.#asking.answer;
    if (!this.#ask()) return undefined;
    let settle: (told: ControlSecrets) => void = () => undefined;
    const answer = new Promise<ControlSecrets>((resolve) => (settle = resolve));
    const asking = { answer, settle };
    this.#asking = asking;
    void answer.then(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    return answer;
  }

  async #within(answer: Promise<ControlSecrets>): Promise<ControlSecrets> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.#asking = undefined;
        const words = `The control plane did not tell the values of its secrets within ${this.#limitMs / 1000} s.`;
        reject(new McpProblem(words, { hint: "See whether the server is still one of this node, and try again." }));
      }, this.#limitMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #learn({ values, refused }: ControlSecrets): void {
    if (refused) throw new McpProblem(refused.message, { ...(refused.hint && { hint: refused.hint }) });
    this.#values = new Map(Object.entries(values));
  }

  #valueOf(secret: string): string {
    const value = this.#values.get(secret);
    if (value === undefined) {
      throw new McpProblem(`The control plane did not tell the value of the secret ${JSON.stringify(secret)}.`);
    }
    if (!value.includes("\0")) return value;
    throw new McpProblem(`The secret ${JSON.stringify(secret)} holds a NUL, which no environment variable can.`, {
      hint: "Give it another value, or bind another secret.",
    });
  }
}
