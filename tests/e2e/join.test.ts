/** Machines that join for real: without Node, by npx alone, behind a wall; and one that comes back. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import type { Node } from "@roundhouse/protocol/api/node";
import { type FileServer, serveFiles } from "../machines/file-server.ts";
import { type Network, openNetwork } from "../machines/network.ts";
import { nodeRelease } from "../machines/node-release.ts";
import { makeRootfs, type Rootfs } from "../machines/rootfs.ts";
import { freePort, type House, makeHouse } from "./house.ts";
import { ask } from "./http.ts";
import { isLoopback } from "./processes.ts";
import { measured, until } from "./until.ts";

const { PATH } = process.env as { PATH: string };

let house: House;
let network: Network | undefined;
let temp: string;

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), "roundhouse-join-"));
  if (process.getuid?.() === 0) network = await openNetwork();
  const port = await freePort();
  const settings: Record<string, string> = { ROUNDHOUSE_NO_LOCAL_NODE: "1" };
  if (network) Object.assign(settings, { HOST: "0.0.0.0", PUBLIC_URL: `http://${network.outside}:${port}` });
  house = await makeHouse(port, settings);
  await house.start();
});
afterAll(async () => {
  await house?.close();
  await network?.close();
  await rm(temp, { recursive: true, force: true });
});

const token = (wish: object = {}) => house.api.post<NewJoinToken>("/api/join-tokens", wish);

/** A machine's terminal: what runs there, and what it said. */
class Terminal {
  readonly process: ChildProcess;
  output = "";

  constructor(process: ChildProcess) {
    this.process = process;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  /** Waits until the agent says that it is connected, and the node of this name is online. */
  async untilOnline(name: string): Promise<Node> {
    const look = async (): Promise<Node | undefined> => {
      if (this.process.exitCode !== null) throw new Error(`it ended with ${this.process.exitCode}:\n${this.output}`);
      if (!this.output.includes(" connected to ")) return undefined;
      return (await house.api.nodes()).find((node) => node.name === name && node.status === "online");
    };
    const { value, tookMs } = await until(`${name} is online`, look, { limitMs: 120_000, seen: () => this.output });
    measured(`${name} online after the line was pasted`, tookMs);
    return value;
  }

  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }
}

/** The agent of this data root ends its apps, and itself. */
async function endAgent(data: string, terminal: Terminal): Promise<void> {
  const ended = once(terminal.process, "exit");
  const { pid } = JSON.parse(await readFile(join(data, "agent.pid"), "utf8")) as { pid: number };
  process.kill(pid, "SIGUSR2");
  await ended;
}

async function pageOf(instance: Instance): Promise<string> {
  const Cookie = await house.api.grantFor(instance.id);
  const answer = await ask({ port: house.port, host: `${instance.slug}.apps.localhost`, headers: { Cookie } });
  expect(answer.status).toBe(200);
  return answer.text;
}

describe("a machine without Node", () => {
  let machine: Rootfs;
  let release: FileServer;
  let terminal: Terminal;
  let node: Node;

  beforeAll(async () => {
    machine = await makeRootfs(process.execPath);
    await machine.addProgram("/bin/bash");
    release = await serveFiles(await nodeRelease());
  });
  afterAll(async () => {
    await terminal?.end();
    release?.close();
    await machine?.close();
  });

  /** The pasted line, with wget in place of curl and a Node of the house. */
  const paste = (options: string): Terminal => {
    const line = `wget -qO- ${house.url}/install.sh | sh -s -- --url ${house.url} --node-source ${release.url} ${options}`;
    return new Terminal(machine.start(`PATH=/bin; ${line}`));
  };

  test("joins with one line, which fetches and checks a Node and the control plane's own agent", async () => {
    terminal = paste(`--name bare --token ${(await token()).token}`);
    node = await terminal.untilOnline("bare");
    expect(terminal.output).toMatch(/Fetching node-v[\d.]+-linux-\w+ from/);
    expect(terminal.output).toContain("Fetching worker-agent-");
  });

  test("runs an app, which is reached at its URL", async () => {
    const app = await house.api.install({ name: "on bare", node: node.id, autostart: true });
    expect(await pageOf(app)).toContain("Hello from");
  });

  test("is the same node with its instances when it comes back without a token, and fetches nothing again", async () => {
    await terminal.end();
    // The line ends then, as a notebook's cell does; the machine stays.
    terminal = paste("--background; sleep 1000");
    const back = await terminal.untilOnline("bare");
    expect(back.id).toBe(node.id);
    expect(terminal.output).not.toContain("Fetching");
    expect(terminal.output).toContain("The agent runs in the background");
    const [instance] = await house.api.instances();
    if (!instance) throw new Error("its instance is gone");
    expect(instance.node).toBe(node.id);
    await house.api.untilStatus(instance.id, "started", 60_000);
    expect(await pageOf(instance)).toContain("Hello from");
  });
});

test("a machine with npm joins by npx alone, from the control plane and from no registry", async () => {
  const home = join(temp, "npx");
  const data = join(home, "data");
  await mkdir(home);
  const { token: secret, install } = await token();
  const line = `${install.npx} --url ${house.url} --name by-npx --data ${data}`.replace(
    /http:\S+(?=\/agent\/)/,
    house.url,
  );
  expect(line).toContain(`--token ${secret}`);
  const registry = { npm_config_registry: "http://127.0.0.1:9", npm_config_update_notifier: "false" };
  const env = { PATH, HOME: home, ...registry };
  const terminal = new Terminal(spawn("sh", ["-c", line], { env, stdio: ["ignore", "pipe", "pipe"] }));
  await terminal.untilOnline("by-npx");
  await endAgent(data, terminal);
});

describe.runIf(process.getuid?.() === 0)("a machine that nobody can reach", () => {
  let terminal: Terminal;
  let data: string;

  const wall = (): Network => {
    if (!network) throw new Error("the namespace is made for root");
    return network;
  };

  beforeAll(async () => {
    data = join(temp, "walled");
    const { install } = await token();
    const line = `${install.script} --name walled --data ${data}`;
    terminal = new Terminal(wall().start(line, { PATH, HOME: temp }));
    await terminal.untilOnline("walled");
  });
  afterAll(() => endAgent(data, terminal));

  test("joins with one line, and its app works at its URL while nothing but the app listens, on loopback", async () => {
    const node = (await house.api.nodes()).find(({ name }) => name === "walled");
    if (!node) throw new Error("it is no node");
    expect(await wall().listening()).toEqual([]);
    const app = await house.api.install({ name: "behind the wall", node: node.id });
    expect(await pageOf(app)).toContain("Hello from");
    const listening = await wall().listening();
    expect(listening.length).toBeGreaterThan(0);
    expect(listening.filter((address) => !isLoopback(address))).toEqual([]);
    expect(await refuses(wall().inside, app.port ?? 0)).toBe(true);
  });

  test("joins again within moments, since all it needs is there", async () => {
    const before = (await house.api.nodes()).find(({ name }) => name === "walled");
    await endAgent(data, terminal);
    const line = `curl -fsSL http://${wall().outside}:${house.port}/install.sh | sh -s -- --data ${data}`;
    terminal = new Terminal(wall().start(line, { PATH, HOME: temp }));
    expect((await terminal.untilOnline("walled")).id).toBe(before?.id);
  });
});

/** True when a connection to the port is refused. */
function refuses(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5_000 });
    socket.on("connect", () => resolve(false));
    socket.on("error", () => resolve(true));
    socket.on("close", () => resolve(true));
    socket.on("timeout", () => socket.destroy());
  });
}
