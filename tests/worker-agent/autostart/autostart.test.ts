/** Making the agent start with its machine: which way, what is written, and that it is taken away again. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { installHook, removeHook } from "../../../worker-agent/src/autostart/hook-file.ts";
import { copyProgram, programIn, removeProgram, runScript } from "../../../worker-agent/src/autostart/program.ts";
import { ServiceRefused } from "../../../worker-agent/src/autostart/refused.ts";
import { unitText } from "../../../worker-agent/src/autostart/systemd.ts";
import { installUnit, removeUnit } from "../../../worker-agent/src/autostart/unit-file.ts";
import { chooseWay } from "../../../worker-agent/src/autostart/way.ts";
import { detectPlatform } from "../../../worker-agent/src/host/platform.ts";
import type { ProgramResult } from "../../../worker-agent/src/host/programs.ts";
import { type HostTree, makeHost } from "../host/host-tree.ts";
import { makeTempDir } from "../keeper/build.ts";

const SYSTEMD = { "/run/systemd/system/": "" };
const UNIT = "/etc/systemd/system/worker-agent.service";

async function wayOf(tree: HostTree, platform?: string) {
  const view = await makeHost(tree);
  return chooseWay({ view, detection: detectPlatform(view, platform) });
}

describe("the way to start with the machine", () => {
  const user = { uid: 1000, home: "/home/me" };
  it.each<[string, HostTree, string, object]>([
    ["local", { files: SYSTEMD }, "a unit of the system for root", { how: "systemd", scope: "system", file: UNIT }],
    [
      "local",
      { files: SYSTEMD, ...user },
      "a unit of the user for anybody else",
      { how: "systemd", scope: "user", file: "/home/me/.config/systemd/user/worker-agent.service" },
    ],
    ["vast", { files: SYSTEMD }, "a unit on a virtual machine of Vast", { how: "systemd" }],
    ["vast", {}, "onstart.sh in a container of Vast", { how: "hook", hook: { file: "/root/onstart.sh" } }],
    [
      "runpod",
      {},
      "post_start.sh on RunPod, with a word on stops",
      { hook: { file: "/post_start.sh", note: expect.stringMatching(/stops/) } },
    ],
    [
      "lightning",
      { uid: 1000, home: "/teamspace/studios/this_studio" },
      "on_start.sh of a studio",
      { hook: { file: "/teamspace/studios/this_studio/.lightning_studio/on_start.sh" } },
    ],
    ["colab", {}, "by hand on Colab", { how: "by-hand", because: expect.stringContaining("in a cell") }],
    ["local", {}, "by hand where there is nothing", { how: "by-hand", because: expect.stringContaining("No systemd") }],
  ])("of %s with %j is %s", async (platform, tree, _what, way) => {
    expect(await wayOf(tree, platform)).toMatchObject(way);
  });
});

describe("the unit", () => {
  const program = programIn('/data/a b%c$d"e', "vast");

  it("leaves apps alone, comes back for ever, but not when it is not welcome", () => {
    const text = unitText(program, "system", { PATH: "/usr/bin:/opt/50%/bin", SECRET: "x", LD_LIBRARY_PATH: "a\nb" });
    expect(text).toContain("KillMode=process\nRestart=always\nRestartSec=2\nRestartPreventExitStatus=2 3 4\n");
    expect(text).toContain("WantedBy=multi-user.target");
    expect(text).toContain('Environment="PATH=/usr/bin:/opt/50%%/bin"');
    expect(text).not.toMatch(/SECRET|LD_LIBRARY/);
    expect(text).toContain(`ExecStart="${process.execPath}" "/data/a b%%c$$d\\"e/service/agent.mjs" "--data"`);
    expect(text).toContain('"--platform" "vast"');
    expect(unitText(program, "user", {})).toContain("WantedBy=default.target");
  });

  it.skipIf(spawnSync("systemd-analyze", ["--version"]).status !== 0)("is one that systemd takes", async () => {
    const temp = await mkdtemp(join(tmpdir(), "unit-"));
    const plain = programIn(join(temp, "a b%c$d"), undefined);
    const file = join(temp, "worker-agent.service");
    await writeFile(file, unitText(plain, "system", { PATH: "/usr/bin:/bin" }));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    expect(stderr.split("\n").filter((line) => line.includes("worker-agent.service"))).toEqual([]);
    expect(status).toBe(0);
    await rm(temp, { recursive: true });
  });
});

describe("installing a unit", () => {
  const done: ProgramResult = { kind: "ended", code: 0, stdout: "", stderr: "" };

  async function makeManager(answer: ProgramResult = done) {
    const [calls, said]: [string[], string[]] = [[], []];
    const run = async (args: string[]) => (calls.push(args.join(" ")), answer);
    return { calls, said, manager: { run, env: { PATH: "/bin" }, say: (line: string) => void said.push(line) } };
  }

  const way = { how: "systemd", scope: "system", file: UNIT } as const;

  it("writes, enables and starts it, the same again at a second time, and removes it", async () => {
    const view = await makeHost({ files: SYSTEMD });
    const program = programIn("/data", undefined);
    const { calls, manager } = await makeManager();
    await installUnit(way, program, view, manager);
    const text = await readFile(join(view.fsRoot, UNIT), "utf8");
    await installUnit(way, program, view, manager);
    expect(await readFile(join(view.fsRoot, UNIT), "utf8")).toBe(text);
    const once = ["daemon-reload", "enable worker-agent.service", "restart worker-agent.service"];
    expect(calls.splice(0)).toEqual([...once, ...once]);
    await removeUnit(way, program, view, manager);
    await removeUnit(way, program, view, manager);
    expect(calls).toEqual(["disable --now worker-agent.service", "daemon-reload"]);
    await expect(stat(join(view.fsRoot, UNIT))).rejects.toThrow("ENOENT");
  });

  it("tells a user about lingering, and speaks to the user's manager", async () => {
    const view = await makeHost({ files: SYSTEMD });
    const { calls, said, manager } = await makeManager();
    await installUnit({ ...way, scope: "user", file: "/home/me/u.service" }, programIn("/d", undefined), view, manager);
    expect(said.join("\n")).toContain("loginctl enable-linger");
    expect(calls.every((call) => call.startsWith("--user "))).toBe(true);
  });

  it("never replaces or removes the unit of another data root", async () => {
    const view = await makeHost({ files: SYSTEMD });
    const { manager } = await makeManager();
    await installUnit(way, programIn("/data", undefined), view, manager);
    const other = programIn("/other", undefined);
    await expect(installUnit(way, other, view, manager)).rejects.toThrow("serves another folder already");
    await removeUnit(way, other, view, manager);
    expect(await readFile(join(view.fsRoot, UNIT), "utf8")).toContain("/data/service/agent.mjs");
  });

  it("says what to do when systemctl fails, or the file may not be written", async () => {
    const view = await makeHost({ files: SYSTEMD });
    const program = programIn("/data", undefined);
    const { manager } = await makeManager({ kind: "ended", code: 1, stdout: "", stderr: "Access denied\n" });
    await expect(installUnit(way, program, view, manager)).rejects.toThrow("daemon-reload failed: Access denied");
    const closed = { ...way, file: "/proc/self/worker-agent.service" };
    const refused = installUnit(closed, program, { ...view, fsRoot: "/" }, manager);
    await expect(refused).rejects.toThrow();
  });
});

describe("a platform's start file", () => {
  it("gets our block first, once, keeps everything else, and loses the block again", async () => {
    const before = "#!/bin/bash\nset -e\nexec sleep infinity\n";
    const view = await makeHost({ files: { "/root/onstart.sh": before } });
    const hook = { file: "/root/onstart.sh", note: null };
    const { dir, remove } = await makeTempDir();
    const program = programIn(join(dir, "it's data"), undefined);
    await copyFixture(program);
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    await installHook(hook, program, view, say);
    const text = await readFile(join(view.fsRoot, hook.file), "utf8");
    await installHook(hook, program, view, say);
    expect(await readFile(join(view.fsRoot, hook.file), "utf8")).toBe(text);
    expect(text).toMatch(/^#!\/bin\/bash\n# >>> worker-agent >>>\nsetsid nohup .* &\n# <<< worker-agent <<<\nset -e\n/);
    expect(spawnSync("sh", ["-n"], { input: text }).status).toBe(0);
    expect(said.join("\n")).toContain("The agent runs now");
    await removeHook(hook, view, say);
    expect(await readFile(join(view.fsRoot, hook.file), "utf8")).toBe(before);
    await removeHook(hook, view, say);
    await removeProgram(program);
    await remove();
  });

  it("is made where there is none", async () => {
    const view = await makeHost({});
    const { dir, remove } = await makeTempDir();
    const program = programIn(dir, undefined);
    await copyFixture(program);
    await installHook({ file: "/post_start.sh", note: "a word" }, program, view, () => undefined);
    const { mode } = await stat(join(view.fsRoot, "/post_start.sh"));
    expect(mode & 0o700).toBe(0o700);
    await removeProgram(program);
    await remove();
  });

  it("that may not be written is said so", async () => {
    const view = await makeHost({});
    const hook = { file: "/sys/kernel/onstart.sh", note: null };
    await expect(
      installHook(hook, programIn("/d", undefined), { ...view, fsRoot: "/" }, () => undefined),
    ).rejects.toThrow(ServiceRefused);
  });
});

describe("the script that keeps an agent running", () => {
  it.each([0, 2, 3, 4])("ends with an agent that ended with %i", async (status) => {
    expect((await countStarts(`process.exit(${status})`)).starts).toBe(1);
  });

  it("starts one that crashed again, until its copy is removed", async () => {
    // The second start takes the copy away.
    const { starts } = await countStarts(`if (starts() === 2) fs.unlinkSync(process.argv[1]); process.exit(1)`);
    expect(starts).toBe(2);
  });
});

/** The copied agent is a program that ends at once. */
async function copyFixture(program: ReturnType<typeof programIn>, code = "process.exit(4)"): Promise<void> {
  const { dir, remove } = await makeTempDir();
  await writeFile(join(dir, "agent.mjs"), code);
  await writeFile(join(dir, "keeper.mjs"), "");
  await writeFile(join(dir, "tool.mjs"), "");
  await copyProgram(program, dir);
  await remove();
}

async function countStarts(code: string): Promise<{ starts: number }> {
  const { dir, remove } = await makeTempDir();
  const program = programIn(join(dir, "it's"), undefined);
  await mkdir(program.data, { recursive: true });
  const log = join(dir, "starts");
  const count = `import fs from "node:fs"; const log = ${JSON.stringify(log)}; fs.appendFileSync(log, ".");
    const starts = () => fs.statSync(log).size;`;
  await copyFixture(program, `${count}\n${code}`);
  expect(await readFile(program.script, "utf8")).toBe(runScript(program));
  spawnSync("sh", [program.script], { timeout: 15_000 });
  const { size } = await stat(log);
  await remove();
  return { starts: size };
}
