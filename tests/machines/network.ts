/** A machine behind a wall: a network namespace with one way out, to this machine, and nothing else. Needs root. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TCP_LISTEN = "0A";

export class Network {
  readonly name: string;
  /** This machine's end of the wire. */
  readonly #device: string;
  /** This machine's address, as the namespace sees it. */
  readonly outside: string;
  /** The address of the namespace. */
  readonly inside: string;

  constructor(number: number) {
    this.name = `roundhouse-${number}`;
    this.#device = `rh${number}`;
    const subnet = `10.213.${number % 250}`;
    this.outside = `${subnet}.1`;
    this.inside = `${subnet}.2`;
  }

  async open(): Promise<void> {
    await run("ip", ["netns", "add", this.name]);
    try {
      await this.#connect();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    await run("ip", ["link", "add", this.#device, "type", "veth", "peer", "name", "eth0", "netns", this.name]);
    await run("ip", ["address", "add", `${this.outside}/30`, "dev", this.#device]);
    await run("ip", ["link", "set", this.#device, "up"]);
    await run("ip", ["-n", this.name, "address", "add", `${this.inside}/30`, "dev", "eth0"]);
    for (const device of ["lo", "eth0"]) await run("ip", ["-n", this.name, "link", "set", device, "up"]);
  }

  start(command: string, env: Record<string, string>): ChildProcess {
    return spawn("ip", ["netns", "exec", this.name, "sh", "-c", command], { stdio: ["ignore", "pipe", "pipe"], env });
  }

  /** The addresses that somebody listens on inside, as the kernel prints them. */
  async listening(): Promise<string[]> {
    const { stdout } = await run("ip", ["netns", "exec", this.name, "cat", "/proc/net/tcp", "/proc/net/tcp6"]);
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
    return rows.filter((row) => row[3] === TCP_LISTEN).map((row) => row[1]?.split(":")[0] ?? "");
  }

  async close(): Promise<void> {
    await run("ip", ["netns", "delete", this.name]);
  }
}

/** The caller closes it. */
export async function openNetwork(): Promise<Network> {
  const network = new Network(process.pid);
  await network.open();
  return network;
}
