/** What its owner's own programs (start, deploy) ask of a control plane, with a bearer derived from the master key. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import type { Drain, Drained } from "@roundhouse/protocol/api/node";
import type { SignInLink } from "@roundhouse/protocol/api/person";

const HEALTH_LIMIT_MS = 20_000;

export class ControlPlane {
  readonly #address: string;
  readonly #bearer: string;

  /** `address` is an origin such as `http://127.0.0.1:8787`. */
  constructor(address: string, bearer: string) {
    this.#address = address;
    this.#bearer = bearer;
  }

  async untilHealthy(): Promise<void> {
    for (const limit = Date.now() + HEALTH_LIMIT_MS; Date.now() < limit; await sleep(50)) {
      const response = await fetch(`${this.#address}/health`).catch(() => undefined);
      if (response?.ok) return;
    }
    throw new Error(`the control plane did not answer at ${this.#address}/health within ${HEALTH_LIMIT_MS / 1000} s`);
  }

  /** A one-use link for the owner of this machine. */
  async signInLink(): Promise<string> {
    const link = await this.#post<SignInLink>("/api/local/sign-in-link");
    return link.url;
  }

  async joinToken(): Promise<string> {
    const token = await this.#post<NewJoinToken>("/api/local/join-token");
    return token.token;
  }

  /** Asks every node to leave and to come back later. `path` is the one that the bearer may use. */
  drain(path: "/api/drain" | "/api/local/drain", order: Drain, limitMs: number): Promise<Drained> {
    return this.#post<Drained>(path, order, AbortSignal.timeout(limitMs));
  }

  async #post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
    const response = await fetch(this.#address + path, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#bearer}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}
