/** A Docker Engine of a test's own, with an image made of Debian's busybox: nothing of the host's engine is touched. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { until } from "./until.ts";

const BUSYBOX = "/bin/busybox";
const APPLETS = [
  "sh",
  "ash",
  "cat",
  "echo",
  "env",
  "httpd",
  "id",
  "ls",
  "nc",
  "sleep",
  "touch",
  "wget",
  "printf",
  "mkdir",
];

export class Engine {
  readonly socketPath: string;
  readonly client: Docker;
  readonly #dir: string;
  #daemon: ChildProcess | undefined;
  #output = "";

  private constructor(dir: string) {
    this.#dir = dir;
    this.socketPath = join(dir, "docker.sock");
    this.client = new Docker({ socketPath: this.socketPath });
  }

  static async open(): Promise<Engine> {
    const engine = new Engine(await mkdtemp(join(tmpdir(), "roundhouse-docker-")));
    await engine.start();
    return engine;
  }

  get pid(): number {
    const pid = this.#daemon?.pid;
    if (pid === undefined) throw new Error("the engine is not started");
    return pid;
  }

  /** What an agent needs to find it. */
  get settings(): Record<string, string> {
    return { DOCKER_HOST: `unix://${this.socketPath}` };
  }

  async start(options: readonly string[] = []): Promise<void> {
    const at = (name: string) => join(this.#dir, name);
    // Where nobody reaps what was killed, its number still looks alive.
    for (const file of ["pid", "exec/containerd/containerd.pid"]) await rm(at(file), { force: true });
    const args = ["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid")];
    const daemon = spawn("/usr/sbin/dockerd", [...args, "-H", `unix://${this.socketPath}`, ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#daemon = daemon;
    for (const stream of [daemon.stdout, daemon.stderr]) stream.on("data", (chunk) => (this.#output += String(chunk)));
    const answers = () =>
      this.client.ping().then(
        () => true,
        () => false,
      );
    await until("the Docker engine answers", answers, { limitMs: 60_000, seen: () => this.#output.slice(-2_000) });
  }

  /** As after a crash of it; containers of an engine without live restore end with the next start. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async close(): Promise<void> {
    for (const { Id } of await this.client.listContainers({ all: true })) {
      await this.client.getContainer(Id).remove({ force: true });
    }
    await this.#end("SIGTERM");
    for (const path of mountsBelow(this.#dir)) execFileSync("umount", ["--lazy", path]);
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** An image that is busybox and no more. */
  async importBusybox(name: string): Promise<void> {
    const dir = mkdtempSync(join(this.#dir, "busybox-"));
    addBusybox(dir);
    execFileSync("tar", ["-C", dir, "-cf", `${dir}.tar`, "."]);
    const [repo = name, tag = "latest"] = name.split(/:(?=[^:]*$)/);
    const stream = await this.client.importImage(`${dir}.tar`, { repo, tag });
    await new Promise<void>((done, fail) => {
      this.client.modem.followProgress(stream, (error) => (error ? fail(error) : done()));
    });
  }

  /** Puts an image into a registry under a name there, and forgets it here. */
  async moveTo(image: string, name: string, login: { username: string; password: string }): Promise<void> {
    const [repo = name, tag = "latest"] = name.split(/:(?=[^:]*$)/);
    await this.client.getImage(image).tag({ repo, tag });
    const stream = await this.client.getImage(name).push({ authconfig: { ...login, serveraddress: repo } });
    await new Promise<void>((done, fail) => {
      this.client.modem.followProgress(stream, (error) => (error ? fail(error) : done()));
    });
    await this.client.getImage(name).remove();
    await this.client.getImage(image).remove();
  }

  /** Gets an image from the registry that its name says. */
  async pull(name: string, login: { username: string; password: string }): Promise<void> {
    const stream = await this.client.pull(name, { authconfig: { ...login, serveraddress: name } });
    await new Promise<void>((done, fail) => {
      this.client.modem.followProgress(stream, (error) => (error ? fail(error) : done()));
    });
  }

  /** Names of all containers, whatever their state. */
  async containers(): Promise<string[]> {
    return (await this.client.listContainers({ all: true })).map(({ Names }) => Names[0] ?? "");
  }

  /** Everything beside images that the product could have left. */
  async leftovers(): Promise<string[]> {
    const networks = (await this.client.listNetworks())
      .map(({ Name }) => Name)
      .filter((name) => name.startsWith("rh-"));
    const volumes = (await this.client.listVolumes()).Volumes.map(({ Name }) => Name);
    return [...(await this.containers()), ...networks, ...volumes].toSorted();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((done) => daemon.once("exit", done));
    daemon.kill(signal);
    await ended;
  }
}

/** Busybox and its applets, into the folder that becomes a root. */
export function addBusybox(dir: string): void {
  mkdirSync(join(dir, "bin"), { recursive: true });
  copyFileSync(BUSYBOX, join(dir, "bin/busybox"));
  for (const applet of APPLETS) symlinkSync("busybox", join(dir, "bin", applet));
}

/** The deepest first. */
function mountsBelow(dir: string): string[] {
  const paths = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  return paths.filter((path) => path.startsWith(`${dir}/`)).toSorted((one, other) => other.length - one.length);
}
