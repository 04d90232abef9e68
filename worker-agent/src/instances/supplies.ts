/** What a launch needs of the control plane: its blueprint's source, and the values of the secrets that its variables name. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { ControlSecrets } from "@roundhouse/protocol/messages";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { secretsOf } from "@roundhouse/protocol/variables";
import { LaunchError } from "../blueprints/runtime.ts";

/** A launch waits until this has come. */
export class SupplyMissing extends Error {
  readonly supply: Supply;
  constructor(supply: Supply) {
    super(supply.is === "source" ? `the source ${supply.digest} is not on this node` : "its secrets are not here");
    this.name = "SupplyMissing";
    this.supply = supply;
  }
}

export type Supply = { is: "source"; digest: string } | { is: "secrets" };

/** How to ask. What is lost with a link is asked for again when the next one states its wishes. */
export type Asking = {
  needBlueprint: (digest: string) => void;
  /** False where nobody can be asked now. */
  needSecrets: () => boolean;
};

const WAITING: Record<Supply["is"], KnownReason> = {
  source: { code: "waiting_for_blueprint", message: "waiting for its blueprint" },
  secrets: { code: "waiting_for_secrets", message: "waiting for the values of its secrets" },
};

export class Supplies {
  readonly #asking: Asking;
  #missing: Supply | null = null;
  /** Values of secrets as they were last told, by the secrets' names. In memory only (SPEC EV3). */
  #values: ReadonlyMap<string, string> | null = null;
  /** Whether they were told for the launch that is under way. */
  #isFresh = false;
  #refused: ControlSecrets["refused"] = null;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** Why a launch waits, if it does. */
  get waitingFor(): KnownReason | null {
    return this.#missing && WAITING[this.#missing.is];
  }

  /** What is still missing is asked for again: the first request may have met a lost link. */
  askAgain(): void {
    this.#missing = null;
    this.#refused = null;
    this.#isFresh = false;
  }

  /** Asks for what a launch found missing. */
  await({ supply }: SupplyMissing): void {
    this.#missing = supply;
    if (supply.is === "source") this.#asking.needBlueprint(supply.digest);
  }

  /** Whether a launch waited for that. */
  sourceArrived(digest: string): boolean {
    if (this.#missing?.is !== "source" || this.#missing.digest !== digest) return false;
    this.#missing = null;
    return true;
  }

  secretsArrived({ values, refused }: ControlSecrets): boolean {
    if (this.#missing?.is !== "secrets") return false;
    this.#missing = null;
    this.#refused = refused;
    this.#isFresh = refused === null;
    if (refused === null) this.#values = new Map(Object.entries(values));
    return true;
  }

  /**
   * The values that secrets give to variables, by the variables' names. They are asked for anew at each launch, so that it
   * has what holds then; while nobody can be asked, those of the launch before serve. Throws `SupplyMissing`, and
   * `LaunchError` where they cannot be given.
   */
  secretVariables({ env }: DesiredInstance): Record<string, string> {
    const names = secretsOf(env);
    if (names.length === 0) {
      this.#values = null;
      return {};
    }
    const refused = this.#refused;
    if (refused) throw new LaunchError("secret_unavailable", refused.message, refused.hint);
    const isKnown = names.every((name) => this.#values?.has(name));
    if (!(isKnown && this.#isFresh)) {
      const isAsked = this.#asking.needSecrets();
      if (isAsked || !isKnown) throw new SupplyMissing({ is: "secrets" });
    }
    return Object.fromEntries(env.flatMap(({ name, secret }) => (secret ? [[name, this.#valueOf(secret)]] : [])));
  }

  /** The launch is made: the next one asks again. */
  used(): void {
    this.#isFresh = false;
  }

  #valueOf(secret: string): string {
    const value = this.#values?.get(secret) ?? "";
    if (!value.includes("\0")) return value;
    throw new LaunchError(
      "secret_unavailable",
      `the secret ${JSON.stringify(secret)} holds a NUL, which no environment variable can`,
      "Give it another value, or bind another secret.",
    );
  }
}
