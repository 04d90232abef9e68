import { chmod, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MAX_TERMINALS_PER_INSTANCE } from "@roundhouse/protocol/limits";
import { activated } from "../../../worker-agent/src/blueprints/bash/activation.ts";
import { isAlive } from "../../e2e/processes.ts";
import { INSTANCE, open, until, WAYS } from "./harness.ts";

describe.each(WAYS)("a terminal by %s", (_name, way) => {
  it("[TM1] is a shell in the instance's folder, in its environment and no other", async () => {
    const { client, folder } = await open([way], { WEBUI_PORT: "19001" });
    const person = client({ cols: 90, rows: 30 });
    expect(await person.said("open")).toMatchObject({ name: "main", offset: 0, cols: 90, rows: 30 });
    person.type("stty size; pwd; env | sort; echo done-$((1+1))\n");
    await person.saw("done-2");
    expect(person.output).toContain("30 90");
    expect(person.output).toContain(await realpath(folder));
    for (const words of ["TERM=xterm-256color", "WEBUI_PORT=19001", `HOME=${folder}`]) {
      expect(person.output).toContain(words);
    }
    expect(person.output).not.toMatch(/VITEST|ROUNDHOUSE|npm_/);
  });

  it("[TM4] takes input as text, as binary and as JSON, and JSON that is no message of ours as text", async () => {
    const { client } = await open([way]);
    const person = client();
    person.type("stty -echo; echo ready-$((1+1)); cat\n");
    await person.saw("ready-2");
    person.sendBytes(Buffer.from("bytes é\n"));
    person.say({ type: "input", data: "in json\n" });
    person.type('{"type":"other"}\n');
    person.type('{"type":"resize","cols":0,"rows":5}');
    for (const words of [/\nbytes .*\r\n/, "\nin json\r\n", '\n{"type":"other"}\r\n']) await person.saw(words);
    expect(person.output).not.toContain("cols");
  });

  it("[TM5] has the size of who typed last, and tells everybody", async () => {
    const { client } = await open([way]);
    const [one, two] = [client({ cols: 100, rows: 40 }), client({ cols: 60, rows: 20 })];
    await one.said("open");
    await two.said("open");
    one.type("trap 'stty size' WINCH; echo armed-$((1+1))\n");
    await one.saw("armed-2");
    two.type(":\n");
    await one.saw("20 60");
    expect(await one.said("size")).toEqual({ type: "size", cols: 60, rows: 20 });
    one.say({ type: "resize", cols: 120, rows: 50 });
    two.say({ type: "resize", cols: 61, rows: 21 });
    await one.saw("21 61");
    expect(one.output).not.toContain("50 120");
    two.leave();
    await one.saw("50 120");
  });

  it("[TM9] ends with all it started, also what ignores SIGHUP and what left its session", async () => {
    const { client, terminals } = await open([way]);
    const person = client();
    const { id } = await person.said("open");
    person.type(`bash -c 'trap "" HUP TERM; echo stubborn-$$; while :; do sleep 1; done' &\n`);
    const stubborn = Number(await person.saw(/stubborn-(\d+)/));
    person.type(`setsid bash -c 'echo away-$$; exec sleep 1000' &\n`);
    const away = Number(await person.saw(/away-(\d+)/));
    person.type("sleep 2000\n");
    expect([stubborn, away].map(isAlive)).toEqual([true, true]);
    expect(await terminals.close(INSTANCE, id)).toBe(true);
    expect([stubborn, away].map(isAlive)).toEqual([false, false]);
    expect(await person.said("exit")).toMatchObject({ type: "exit" });
    expect(terminals.list(INSTANCE)).toEqual([]);
    expect(await terminals.close(INSTANCE, id)).toBe(false);
  });

  it("[TM9] ends when its shell ends, with the status and everything printed before", async () => {
    const { client, terminals } = await open([way]);
    const person = client();
    person.type("sleep 3000 & echo left-$!; seq 1 20000; exit 7\n");
    expect(await person.said("exit")).toEqual({ type: "exit", code: 7, signal: null });
    expect(person.output).toContain("\r\n20000\r\n");
    const left = Number(/left-(\d+)/.exec(person.output)?.[1]);
    await until(() => !isAlive(left));
    await until(() => terminals.list(INSTANCE).length === 0);
    expect(person.isOver).toBe(true);
  });

  it("[TM6] of a program that prints endlessly stays small, and can be interrupted at once", async () => {
    const { client } = await open([way]);
    const person = client({ ack: 1 });
    person.type("yes roundhouse\n");
    await until(() => person.bytes >= 200_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Unacknowledged, no more than the window comes.
    expect(person.bytes).toBeLessThanOrEqual(256 * 1024);
    person.say({ type: "ack", offset: person.bytes });
    await until(() => person.bytes > 400_000);
    person.type("\u0003");
    const acking = setInterval(() => person.say({ type: "ack", offset: person.bytes }), 5);
    person.type("echo over-$((40+2))\n");
    await person.saw("over-42");
    clearInterval(acking);
    expect(person.bytes).toBeLessThan(8 * 1024 * 1024);
  });
});

describe("terminals", () => {
  const ways = [WAYS[1]![1]];

  it("[TM2] are found by name by whoever comes, and by id with what was missed", async () => {
    const { client, terminals } = await open(ways);
    const one = client();
    const { id } = await one.said("open");
    one.type("echo first-$((1+0))\n");
    await one.saw("first-1");
    const two = client({ terminal: "main" });
    await two.saw("first-1");
    const other = client({ terminal: "build" });
    expect((await other.said("open")).id).not.toBe(id);
    expect(terminals.list(INSTANCE).map(({ name, watchers }) => [name, watchers])).toEqual([
      ["main", 2],
      ["build", 1],
    ]);
    const seen = one.bytes;
    one.leave();
    two.type("echo second-$((1+1))\n");
    await two.saw("second-2");
    const back = client({ terminal: id, offset: seen });
    expect(await back.said("open")).toMatchObject({ id, offset: seen });
    await back.saw("second-2");
    expect(back.output).not.toContain("first-1");
  });

  it("[TM2] that ended are gone, and never made again by an id", async () => {
    const { client, terminals } = await open(ways);
    const person = client({ terminal: "tm_000000000000", offset: 5 });
    expect(await person.said("error")).toMatchObject({ code: "gone" });
    expect(person.isOver).toBe(true);
    expect(await client({ terminal: "../x" }).said("error")).toMatchObject({ code: "invalid_input" });
    expect(await client({ instance: "in_nothing" }).said("error")).toMatchObject({ code: "not_installed" });
    expect(terminals.list(INSTANCE)).toEqual([]);
  });

  it("[TM3] keep the last MiB, and begin at a line where more was printed", async () => {
    const { client } = await open(ways);
    const one = client();
    one.type(
      "for i in $(seq 1 30000); do echo line-$i-padding-padding-padding-padding-padding; done; echo over-$((1+1))\n",
    );
    await one.saw("over-2");
    const late = client();
    const { offset, end } = await late.said("open");
    await late.saw("over-2");
    expect(offset).toBeGreaterThan(100_000);
    expect(end - offset).toBeLessThanOrEqual(1024 * 1024);
    expect(end - offset).toBeGreaterThan(1024 * 1024 - 200);
    expect(late.output).toMatch(/^line-\d+-padding/);
    expect(late.output).toBe(one.output.slice(-late.output.length));
  });

  it("[TM6] are not held up by a watcher that takes nothing while another does", async () => {
    const { client } = await open(ways);
    const slow = client();
    await slow.said("open");
    let goOn: () => void = () => undefined;
    slow.stalled = new Promise((resolve) => (goOn = resolve));
    const fast = client();
    fast.type("head -c 4000000 /dev/zero | tr '\\0' x; echo over-$((1+1))\n");
    await fast.saw("over-2");
    slow.stalled = undefined;
    goOn();
    await slow.saw("over-2");
    expect((await slow.said("offset")).offset).toBeGreaterThan(2_000_000);
  });

  it("[TM7] take answers of an emulator from one watcher only", async () => {
    const { client } = await open(ways);
    const [one, two] = [client(), client()];
    await two.said("open");
    one.type("stty -echo; echo ready-$((1+1)); cat\n");
    await one.saw("ready-2");
    two.say({ type: "input", data: "from-two\n", answer: true });
    one.say({ type: "input", data: "from-one\n", answer: true });
    await one.saw("from-one\r\n");
    expect(one.output).not.toContain("from-two");
  });

  it("[TM8] are at most eight for an instance, and the ninth is refused with words", async () => {
    const { client, terminals } = await open(ways);
    for (let number = 1; number <= MAX_TERMINALS_PER_INSTANCE; number += 1) {
      await client({ terminal: `number ${number}` }).said("open");
    }
    const ninth = await client({ terminal: "number 9" }).said("error");
    expect(ninth).toMatchObject({ code: "too_many_terminals", hint: expect.stringContaining("Close one") });
    await terminals.closeAllOf(INSTANCE);
    await client({ terminal: "number 9" }).said("open");
  });

  it("say what to install where the host can open none", async () => {
    const { client } = await open([async () => undefined]);
    expect(await client().said("error")).toMatchObject({ code: "no_pty", hint: expect.stringContaining("python3") });
  });

  it("say what is wrong where their folder was removed", async () => {
    const { client, folder } = await open(ways);
    await rm(folder, { recursive: true });
    expect(await client().said("error")).toMatchObject({ code: "no_folder", message: expect.stringContaining(folder) });
  });

  it("run as the app's user, with none of the agent's groups, and own their device", async () => {
    const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const user = own.uid === 0 ? { uid: 65534, gid: 65534 } : own;
    const { client, folder } = await open(ways, {}, { user });
    await chmod(folder, 0o755);
    const person = client();
    person.type("echo; id -u; id -G; stat -c 'owner-%u' $(tty)\n");
    await person.saw(`owner-${user.uid}`);
    expect(person.output).toContain(`\n${user.uid}\r\n${user.gid}\r\nowner-${user.uid}`);
  });

  it("[TM8] stay with nobody watching, and end with the agent", async () => {
    const { client, terminals } = await open(ways);
    const person = client();
    person.type("sleep 4000 & echo pid-$!\n");
    const pid = Number(await person.saw(/pid-(\d+)/));
    person.leave();
    await until(() => terminals.list(INSTANCE)[0]?.watchers === 0);
    expect(isAlive(pid)).toBe(true);
    await terminals.shutdown();
    expect(isAlive(pid)).toBe(false);
    expect(await client().said("error")).toMatchObject({ code: "not_installed" });
  });
});

describe("an activated environment", () => {
  it("shows in front of the prompt, and nothing of that is left in what is started", async () => {
    const { client } = await open([WAYS[1]![1]], { VIRTUAL_ENV_PROMPT: "env" });
    const person = client();
    await person.saw("(env) ");
    person.type("env | grep -c PROMPT_COMMAND; echo over-$((1+1))\n");
    await person.saw(/\r0\r\nover-2/);
  });

  it("has the app's own Python in front, where the script's header says or where it usually is", async () => {
    const { folder } = await open([]);
    const env = { PATH: "/usr/bin" };
    expect(await activated(env, folder, undefined)).toEqual(env);
    await mkdir(join(folder, "env"));
    await writeFile(join(folder, "env/pyvenv.cfg"), "");
    expect(await activated(env, folder, "")).toMatchObject({
      PATH: `${folder}/env/bin:/usr/bin`,
      VIRTUAL_ENV: join(folder, "env"),
    });
    await mkdir(join(folder, "own/conda-meta"), { recursive: true });
    expect(await activated(env, folder, "# aikore.venv_path = ./own\n")).toMatchObject({
      PATH: `${folder}/own/bin:/usr/bin`,
      CONDA_PREFIX: join(folder, "own"),
    });
  });
});
