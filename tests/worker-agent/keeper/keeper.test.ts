import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectKeeper, type KeeperLink } from "../../../worker-agent/src/keeper/client.ts";
import type { KeeperSpec } from "../../../worker-agent/src/keeper/spec.ts";
import { installKeeper, startKeeper, writeSpec } from "../../../worker-agent/src/keeper/start.ts";
import { lastLines } from "../../../worker-agent/src/instances/log.ts";
import { filesNaming } from "../../e2e/files-naming.ts";
import { isAlive, processesBelow, waitFor } from "../instances/harness.ts";
import { buildKeeper, makeTempDir } from "./build.ts";

let temp: Awaited<ReturnType<typeof makeTempDir>>;
let program: string;
const links: KeeperLink[] = [];
beforeEach(async () => {
  temp = await makeTempDir();
  program = await installKeeper(await buildKeeper(temp.dir), temp.dir);
  await mkdir(join(temp.dir, "state"));
});
afterEach(async () => {
  for (const link of links.splice(0)) {
    link.stop("stop", 0);
    await link.closed;
  }
  await waitFor(async () => (await processesBelow(temp.dir)).length === 0);
  await temp.remove();
});

function specOf(script: string, changes: Partial<KeeperSpec> = {}): KeeperSpec {
  const dir = join(temp.dir, "state");
  const common = {
    id: "in_1",
    dir,
    logDir: join(dir, "logs"),
    socket: join(temp.dir, "k.sock"),
    command: "/bin/bash",
    args: ["-c", script],
    cwd: temp.dir,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      INSTANCE_CONF_DIR: temp.dir,
      WEBUI_PORT: "1",
    },
    secretEnv: [],
    user: null,
    marker: { confDir: temp.dir, port: 1 },
    stopGraceMs: 10_000,
  };
  return { kind: "instance", epoch: 1, launch: 1, ...common, ...changes } as KeeperSpec;
}

async function start(spec: KeeperSpec): Promise<KeeperLink> {
  const specFile = join(temp.dir, "spec-1.json");
  await writeSpec(specFile, spec);
  const link = await startKeeper({ program, spec, specFile, cwd: temp.dir });
  links.push(link);
  return link;
}

describe("a keeper", () => {
  it("runs its child, tells how it ended, and leaves nothing behind", async () => {
    const link = await start(specOf("echo out; echo err >/dev/stderr; sleep 0.3; exit 7"));
    expect(await link.exited).toMatchObject({ exitCode: 7, signal: null, endedBy: "itself", outOfMemory: false });
    await link.closed;
    expect((await lastLines(join(temp.dir, "state/logs"))).slice(1)).toEqual(["out", "err"]);
    const exit = JSON.parse(await readFile(join(temp.dir, "state/exit.json"), "utf8"));
    expect(exit).toMatchObject({ exitCode: 7, launch: 1 });
    await expect(stat(join(temp.dir, "k.sock"))).rejects.toThrow("ENOENT");
  });

  it("gives its child the environment of the spec and nothing else, and no terminal input", async () => {
    const link = await start(specOf("env; cat; echo end; sleep 0.3"));
    await link.closed;
    const lines = await lastLines(join(temp.dir, "state/logs"));
    const names = lines.filter((line) => line.includes("=")).map((line) => line.split("=")[0]);
    expect(new Set(names)).toEqual(new Set(["PATH", "INSTANCE_CONF_DIR", "WEBUI_PORT", "PWD", "SHLVL", "_"]));
    expect(lines.at(-1)).toBe("end");
  });

  it("[EV3] gives its child secrets that no file, no argument and no line of its log holds", async () => {
    const script = 'echo "$TOKEN"; printf %s "$TOKEN" | wc --bytes; sleep 30';
    const spec = specOf(script, { secretEnv: ["TOKEN"] });
    const specFile = join(temp.dir, "spec-1.json");
    await writeSpec(specFile, spec);
    const link = await startKeeper({
      program,
      spec,
      secrets: { TOKEN: "canary-of-the-mine" },
      specFile,
      cwd: temp.dir,
    });
    links.push(link);
    const lines = () => lastLines(join(temp.dir, "state/logs"));
    await waitFor(async () => (await lines()).length >= 3);
    expect((await lines()).slice(1)).toEqual(["[secret]", "18"]);
    expect(await filesNaming(temp.dir, ["canary-of-the-mine"])).toEqual([]);
    for (const pid of [link.state.record.keeperPid, link.state.record.child?.pid]) {
      expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain("canary");
    }
  });

  it.each(["", '{"TOKEN":"can', '{"OTHER":"canary-of-the-mine"}'])(
    "[EV3] takes no job whose secrets came as %j: its agent ended while it told them",
    async (input) => {
      const specFile = join(temp.dir, "spec-1.json");
      await writeFile(specFile, JSON.stringify(specOf("touch ran", { secretEnv: ["TOKEN"] })));
      const keeper = spawn(process.execPath, [program, specFile], { stdio: ["pipe", "ignore", "ignore"] });
      keeper.stdin.end(input);
      expect((await once(keeper, "exit"))[0]).toBe(1);
      expect((await readdir(temp.dir)).filter((name) => /^(ran|spec-1.json)$/.test(name))).toEqual(["spec-1.json"]);
      expect(await readdir(join(temp.dir, "state"))).toEqual([]);
    },
  );

  it("holds nothing open that its starter has open", async () => {
    const link = await start(specOf("sleep 30"));
    const openOf = async (pid: number | string): Promise<string[]> => {
      const names = await readdir(`/proc/${pid}/fd`);
      const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => "")));
      return links.filter((target) => /^(pipe|socket):|^\/tmp/.test(target));
    };
    const own = new Set(await openOf("self"));
    const { keeperPid, child } = link.state.record;
    for (const pid of [keeperPid, child?.pid ?? 0]) {
      expect((await openOf(pid)).filter((target) => own.has(target))).toEqual([]);
    }
  });

  it("keeps its socket and its records to its own user", async () => {
    const link = await start(specOf("sleep 30"));
    expect((await stat(join(temp.dir, "k.sock"))).mode & 0o777).toBe(0o600);
    for (const name of ["running.json", "keeper.json"]) {
      expect((await stat(join(temp.dir, "state", name))).mode & 0o777).toBe(0o600);
    }
    link.stop("stop");
    expect(await link.exited).toMatchObject({ signal: "SIGTERM", endedBy: "stop" });
  });

  it("serves another agent after the first has gone", async () => {
    const first = await start(specOf("sleep 30"));
    first.close();
    const second = await connectKeeper(join(temp.dir, "k.sock"));
    expect(second.state.record).toEqual(first.state.record);
    second.stop("shutdown");
    expect(await second.exited).toMatchObject({ endedBy: "shutdown" });
    await second.closed;
  });

  it("kills what ignores SIGTERM, and whatever left its group, after the grace", async () => {
    const script =
      "trap '' TERM; (setsid bash -c \"trap '' TERM; echo \\$\\$ >pid; while :; do sleep 1; done\" &); while :; do sleep 1; done";
    const link = await start(specOf(script));
    await waitFor(() =>
      readFile(join(temp.dir, "pid"), "utf8").then(
        (text) => text !== "",
        () => false,
      ),
    );
    const stray = Number(await readFile(join(temp.dir, "pid"), "utf8"));
    link.stop("stop", 500);
    expect(await link.exited).toMatchObject({ signal: "SIGKILL" });
    await link.closed;
    expect(await isAlive(stray)).toBe(false);
  });

  it("lets an app finish its own clearing up within the grace", async () => {
    const link = await start(
      specOf("trap 'sleep 0.5; echo cleared; exit 0' TERM; echo on; while :; do sleep 0.1; done"),
    );
    await waitFor(async () => (await lastLines(join(temp.dir, "state/logs"))).includes("on"));
    link.stop("stop");
    expect(await link.exited).toMatchObject({ exitCode: 0 });
    await link.closed;
    expect((await lastLines(join(temp.dir, "state/logs"))).at(-1)).toBe("cleared");
  });

  it("survives what a terminal sends, and ends its app when it is told to end", async () => {
    const link = await start(specOf("sleep 30"));
    const { keeperPid } = link.state.record;
    process.kill(keeperPid, "SIGHUP");
    process.kill(keeperPid, "SIGINT");
    await sleep(100);
    expect(await isAlive(keeperPid)).toBe(true);
    process.kill(keeperPid, "SIGTERM");
    expect(await link.exited).toMatchObject({ endedBy: "shutdown" });
  });

  it("says why a command cannot be started", async () => {
    const failure = start(specOf("", { command: "/no/such/program" }));
    await failure.catch(() => undefined);
    const exit = () => readFile(join(temp.dir, "state/exit.json"), "utf8").then(JSON.parse);
    await waitFor(() =>
      exit().then(
        () => true,
        () => false,
      ),
    );
    expect((await exit()).spawnError).toContain("ENOENT");
  });

  it("holds an app back that writes faster than the disk, and loses nothing", async () => {
    const link = await start(specOf("head -c 3000000 /dev/zero | tr '\\0' x; sleep 0.3"));
    await link.closed;
    const { size } = await stat(join(temp.dir, "state/logs", "0000000000000000.log"));
    expect(size).toBeGreaterThan(3_000_000);
    expect(size).toBeLessThan(3_000_100);
  });

  it("takes a job only once, however many keepers are started for it", async () => {
    const specFile = join(temp.dir, "spec-1.json");
    await writeFile(specFile, JSON.stringify(specOf("echo ran >>ran; sleep 0.3")));
    const keepers = [1, 2, 3].map(() => spawn(process.execPath, [program, specFile], { stdio: "ignore" }));
    await Promise.all(keepers.map((keeper) => once(keeper, "exit")));
    expect(await readFile(join(temp.dir, "ran"), "utf8")).toBe("ran\n");
  });

  it.skipIf(process.getuid?.() !== 0)("runs its child as another user, who can reopen its own output", async () => {
    const user = { uid: 65534, gid: 65534 };
    const link = await start(specOf("id -u; echo again >/dev/stdout; sleep 0.3", { user, cwd: "/" }));
    await link.closed;
    expect((await lastLines(join(temp.dir, "state/logs"))).slice(1)).toEqual(["65534", "again"]);
  });

  it("runs an effect exactly once, whoever asks again", async () => {
    const dir = join(temp.dir, "effect");
    const effect = specOf("echo ran >>ran; sleep 0.3; exit 4", {
      kind: "effect",
      timeLimitMs: 10_000,
      call: { tool: "exec_command", digest: "d" },
      input: null,
      dir,
      logDir: join(dir, "logs"),
    });
    const link = await start(effect);
    expect(await link.exited).toMatchObject({ exitCode: 4, launch: null });
    await link.closed;
    await expect(start(effect)).rejects.toThrow("ended before it answered");
    expect(await readFile(join(temp.dir, "ran"), "utf8")).toBe("ran\n");
    expect(JSON.parse(await readFile(join(dir, "exit.json"), "utf8"))).toMatchObject({ exitCode: 4 });
  });

  it("ends an effect that takes too long", async () => {
    const dir = join(temp.dir, "effect");
    const effect = { kind: "effect" as const, call: { tool: "exec_command", digest: "d" }, input: null };
    const link = await start(
      specOf("sleep 30", { ...effect, timeLimitMs: 300, stopGraceMs: 500, dir, logDir: join(dir, "logs") }),
    );
    expect(await link.exited).toMatchObject({ signal: "SIGTERM", endedBy: "time_limit" });
  });

  it("is copied once for each version, whole", async () => {
    const other = join(temp.dir, "other.mjs");
    await writeFile(other, "// another version");
    const copied = await installKeeper(other, temp.dir);
    expect(copied).not.toBe(program);
    expect(await installKeeper(other, temp.dir)).toBe(copied);
    expect(await readFile(copied, "utf8")).toBe("// another version");
  });
});
