/** What the start program asks of the control plane it started. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NewJoinToken, SignInLink } from "@roundhouse/protocol/api";
import type { Settings } from "./settings.ts";

const HEALTH_LIMIT_MS = 20_000;

export class ControlPlane {
  readonly #address: string;
  readonly #bearer: string;

  constructor(settings: Settings, bearer: string) {
    this.#address = settings.localUrl;
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

  async #post<T>(path: string): Promise<T> {
    const response = await fetch(this.#address + path, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#bearer}`, "Content-Type": "application/json" },
      body: "{}",
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}
