/** Finding an instance's processes and ports, with real process trees. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { listeningPortsOf } from "../../../worker-agent/src/host/ports.ts";
import {
  type InstanceRoot,
  isSameProcess,
  parseProcessStat,
  processesOfInstance,
  readProcess,
} from "../../../worker-agent/src/host/processes.ts";
import { endStrayTerminals } from "../../../worker-agent/src/terminals/terminals.ts";

const MARKER = { confDir: "/tmp/instances/processes-test", port: 19_777 };
const started: InstanceRoot[] = [];

afterEach(async () => {
  for (const root of started.splice(0)) {
    for (const pid of await processesOfInstance(root)) process.kill(pid, "SIGKILL");
  }
});

describe("one process", () => {
  it("is read past a name with spaces and parentheses", () => {
    const numbers = Array.from({ length: 40 }, (_, i) => i).join(" ");
    expect(parseProcessStat(`42 (tmux: (server) x) S 1 2 3 ${numbers}`)).toEqual({
      pid: 42,
      state: "S",
      ppid: 1,
      pgid: 2,
      sid: 3,
      startTime: 15,
    });
    expect(parseProcessStat("nonsense")).toBeUndefined();
  });

  it("is the same only with its start time, and none once it has ended", async () => {
    const self = await readProcess(process.pid);
    expect(self).toMatchObject({ pid: process.pid, ppid: process.ppid });
    expect(await isSameProcess(process.pid, self?.startTime ?? -1)).toBe(true);
    expect(await isSameProcess(process.pid, 1)).toBe(false);
    expect(await readProcess(2 ** 22 + 1)).toBeUndefined();
  });
});

describe("an instance's processes", () => {
  it("include background jobs, those in sessions of their own, and no others", async () => {
    const { root } = await start("sleep 60 & setsid sleep 60 & setsid -f sleep 60; sleep 60 & wait");
    const stranger = spawn("sleep", ["60"], { detached: true });
    await until(async () => (await processesOfInstance(root)).length >= 5);
    expect(await processesOfInstance(root)).toContain(root.pid);
    expect(await processesOfInstance(root)).not.toContain(stranger.pid);
    stranger.kill("SIGKILL");
  });

  it("are still found when the first of them is gone", async () => {
    const { root, child } = await start("sleep 60 & setsid -f sleep 60; wait");
    await until(async () => (await processesOfInstance(root)).length >= 3);
    child.kill("SIGKILL");
    await until(async () => !(await isSameProcess(root.pid, root.startTime)));
    const left = await processesOfInstance(root);
    expect(left).toHaveLength(2);
    expect(left).not.toContain(root.pid);
  });

  it("[TM9] are not those of a person's terminal, though its environment is the same; and those a killed agent left end", async () => {
    const { root } = await start("sleep 60");
    const env = { ...process.env, INSTANCE_CONF_DIR: MARKER.confDir, WEBUI_PORT: String(MARKER.port) };
    const typed = spawn("sleep", ["60"], { detached: true, env: { ...env, TERMINAL_ID: "tm_1" } });
    const ended = once(typed, "exit");
    expect(await processesOfInstance(root)).not.toContain(typed.pid);
    await endStrayTerminals("/tmp/instances/of-another-node");
    await endStrayTerminals(dirname(MARKER.confDir));
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(await isSameProcess(root.pid, root.startTime)).toBe(true);
  });

  it("are none when another process got the number, and its group with it", async () => {
    const { root } = await start("sleep 60");
    const stranger = { ...root, startTime: root.startTime + 1, marker: { confDir: "/elsewhere", port: 1 } };
    expect(await processesOfInstance(stranger)).toEqual([]);
  });
});

describe("an instance's ports", () => {
  it("are those of its whole tree, and say whether only this host can reach them", async () => {
    const listen = (address: string) =>
      `node -e 'require("net").createServer().listen(0, "${address}", function () { console.log(this.address().port) })' &`;
    const { root, output } = await start(`${listen("127.0.0.1")} ${listen("0.0.0.0")} ${listen("::1")} wait`);
    await until(async () => output().length === 3);
    const ports = await listeningPortsOf(await processesOfInstance(root));
    expect(ports.map((one) => one.port)).toEqual(output().toSorted((a, b) => a - b));
    expect(ports.filter((one) => one.loopbackOnly)).toHaveLength(2);
  });
});

async function start(script: string): Promise<{ root: InstanceRoot; child: ChildProcess; output: () => number[] }> {
  const env = { ...process.env, INSTANCE_CONF_DIR: MARKER.confDir, WEBUI_PORT: String(MARKER.port) };
  const child = spawn("bash", ["-c", script], { detached: true, env, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const pid = child.pid ?? -1;
  const found = await readProcess(pid);
  const root = { pid, pgid: pid, startTime: found?.startTime ?? -1, marker: MARKER };
  started.push(root);
  return { root, child, output: () => text.split("\n").filter(Boolean).map(Number) };
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200 && !(await isDone()); i++) await new Promise((resume) => setTimeout(resume, 25));
}
