/** A registry of a test's own: Debian's, on loopback, with one name and password that it knows. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./house.ts";
import { type Answer, ask } from "./http.ts";
import { until } from "./until.ts";

export const LOGIN = { username: "ada", password: "a password of the registry" };

const OCI = "application/vnd.oci.image";

/** In the words of the image format. */
export type ImageConfig = { Entrypoint: string[]; Cmd: string[]; User: string };

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

  /**
   * Makes an image of one layer, a tar as it is: an engine's push would compress it, for longer than all else takes.
   * `config` is what a container of it begins with. Resolves to the image's name.
   */
  async push(name: string, layer: Buffer, config: ImageConfig): Promise<string> {
    const { arch } = process;
    const digest = await this.#putBlob(name, layer);
    const root = { type: "layers", diff_ids: [digest] };
    const settings = { os: "linux", architecture: arch === "x64" ? "amd64" : arch, config, rootfs: root };
    const described = Buffer.from(JSON.stringify(settings));
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: {
        mediaType: `${OCI}.config.v1+json`,
        digest: await this.#putBlob(name, described),
        size: described.length,
      },
      layers: [{ mediaType: `${OCI}.layer.v1.tar`, digest, size: layer.length }],
    };
    await this.#ask("PUT", `/v2/${name}/manifests/1`, JSON.stringify(manifest), manifest.mediaType);
    return `${this.host}/${name}:1`;
  }

  async close(): Promise<void> {
    this.#server?.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** Resolves to its digest, which is its name there. */
  async #putBlob(name: string, blob: Buffer): Promise<string> {
    const digest = `sha256:${createHash("sha256").update(blob).digest("hex")}`;
    const begun = await this.#ask("POST", `/v2/${name}/blobs/uploads/`);
    const upload = new URL(begun.headers.location ?? "", `http://${this.host}`);
    upload.searchParams.set("digest", digest);
    await this.#ask("PUT", `${upload.pathname}${upload.search}`, blob);
    return digest;
  }

  async #ask(method: string, path: string, body?: string | Buffer, type = "application/octet-stream"): Promise<Answer> {
    const login = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
    const headers = { authorization: `Basic ${login}`, "content-type": type };
    const answer = await ask({ port: this.#port, method, path, headers, limitMs: 60_000, ...(body && { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
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
