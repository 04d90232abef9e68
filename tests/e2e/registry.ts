/** A registry of a test's own: Debian's, on loopback, with one name and password that it knows. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./house.ts";
import { ask } from "./http.ts";
import { until } from "./until.ts";

export const LOGIN = { username: "ada", password: "a password of the registry" };

export class Registry {
  readonly #dir: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.#port = port;
  }

  static async open(): Promise<Registry> {
    const registry = new Registry(mkdtempSync(join(tmpdir(), "roundhouse-registry-")), await freePort());
    await registry.#start();
    return registry;
  }

  /** `127.0.0.1:5000`: an engine asks it without TLS. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    this.#server?.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const at = (name: string) => join(this.#dir, name);
    const hashing =
      "import crypt, sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))";
    const hash = execFileSync("python3", ["-W", "ignore", "-c", hashing, LOGIN.password], { encoding: "utf8" }).trim();
    writeFileSync(at("htpasswd"), `${LOGIN.username}:${hash}\n`);
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: at("images") } },
      http: { addr: this.host },
      auth: { htpasswd: { realm: "tests", path: at("htpasswd") } },
    };
    writeFileSync(at("config.yml"), JSON.stringify(config));
    this.#server = spawn("docker-registry", ["serve", at("config.yml")], { stdio: "ignore" });
    const isThere = async () => (await ask({ port: this.#port, path: "/v2/" }).catch(() => undefined))?.status === 401;
    await until("the registry asks who it is", isThere, { limitMs: 20_000 });
  }
}
