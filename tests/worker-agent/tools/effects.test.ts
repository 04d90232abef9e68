import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOfCall } from "@roundhouse/protocol/tool-call";
import { readArguments } from "@roundhouse/protocol/tool-arguments";
import { dropOld } from "../../../worker-agent/src/effects/cleaning.ts";
import { isAlive, waitFor } from "../instances/harness.ts";
import { doneOf, effectsOf, type House, keeperOf, makeHouse, requestOf } from "./house.ts";

let house: House;
beforeEach(async () => (house = await makeHouse({ mostRunning: 2 })));
afterEach(() => house.close());

const bash = (script: string, more: object = {}) => ({ command: "bash", args: ["-c", script], ...more });
const appending = (line: string, seconds = 0) => bash(`echo ${line} >>lines; sleep ${seconds}`);
const lines = () => house.linesOf(join(house.root.workspaceDir, "lines"));

describe("a call with an effect", () => {
  it("[TC5] runs once, whoever sends it again, and its answer stays the same", async () => {
    const first = await house.put("once", "exec_command", appending("one"));
    expect(doneOf(first)).toMatchObject({ ok: true, exitCode: 0 });
    expect(await house.put("once", "exec_command", appending("one"))).toEqual(first);
    await house.succeed();
    expect(await house.put("once", "exec_command", appending("one"))).toEqual(first);
    expect(await house.get("once")).toEqual(first);
    expect(await lines()).toEqual(["one"]);
  });

  it("[TC5] runs once when it is sent many times at one moment", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => house.put("many", "exec_command", appending("one", 0.2))),
    );
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await lines()).toEqual(["one"]);
  });

  it("[TC1] answers running after the wait, and done to whoever attaches", async () => {
    const early = await house.put("slow", "exec_command", appending("one", 1), { waitMs: 50 });
    expect(early).toMatchObject({ state: "running" });
    expect(doneOf(await house.get("slow"))).toMatchObject({ ok: true });
    expect((await house.send("GET", "never")).status).toBe(404);
  });

  it("[TC5] refuses another call under its id, also after the agent's successor took over", async () => {
    await house.put("mine", "exec_command", appending("one"));
    const other = { state: "refused", code: "id_taken" };
    expect(await house.put("mine", "exec_command", appending("two"))).toMatchObject(other);
    await house.succeed();
    expect(await house.put("mine", "exec_command", appending("two"))).toMatchObject(other);
    expect(await house.put("mine", "read_file", { path: "workspace/lines" })).toMatchObject(other);
    expect(await lines()).toEqual(["one"]);
  });

  it("[TC6] outlives the agent: its successor attaches, and tells its output", async () => {
    await house.put("long", "exec_command", bash("echo before; sleep 1; echo after"), { waitMs: 0 });
    await keeperOf(house, "long");
    await house.succeed();
    expect(await house.get("long", 0)).toMatchObject({ state: "running" });
    expect(doneOf(await house.get("long")).content).toContain("before\nafter");
  });

  it("[TC7] is unknown once its keeper was killed, and what it had started is ended", async () => {
    await house.put("lost", "exec_command", appending("one", 60), { waitMs: 0 });
    const { pid, child } = await keeperOf(house, "lost");
    await waitFor(async () => (await lines()).length === 1);
    process.kill(pid, "SIGKILL");
    const answer = await house.get("lost");
    expect(answer).toMatchObject({ state: "unknown" });
    expect(await isAlive(child!)).toBe(false);
    await house.succeed();
    expect(await house.put("lost", "exec_command", appending("one", 60))).toEqual(answer);
    expect(await lines()).toEqual(["one"]);
  });

  it("[TC7] that nobody took is started, whoever wanted it first", async () => {
    await house.succeed();
    const spec = { kind: "effect", id: "wanted" };
    await writeFile(join(house.root.effectsDir, "wanted.json"), JSON.stringify(spec));
    expect((await house.send("GET", "wanted")).status).toBe(404);
    expect(doneOf(await house.put("wanted", "exec_command", appending("one")))).toMatchObject({ ok: true });
    expect(await lines()).toEqual(["one"]);
    expect(await effectsOf(house)).toEqual(["wanted"]);
  });

  it("[TC7] that was taken by a keeper that died before it began was not run, and never will be", async () => {
    await mkdir(join(house.root.effectsDir, "unborn"));
    const answer = await house.put("unborn", "exec_command", appending("one"), { waitMs: 25_000 });
    expect(doneOf(answer)).toMatchObject({ ok: false, content: expect.stringContaining("was not run") });
    await house.succeed();
    expect(await house.put("unborn", "exec_command", appending("one"))).toEqual(answer);
    expect(await lines()).toEqual([]);
  });

  it("[TC7] that had begun under a keeper that died before it noted so is unknown", async () => {
    await mkdir(join(house.root.effectsDir, "begun"));
    await writeFile(join(house.root.effectsDir, "begun/begun"), "keeper");
    expect(await house.get("begun", 25_000)).toMatchObject({ state: "unknown" });
  });
});

describe("cancelling", () => {
  it("[TC8] ends a tree that ignores SIGTERM, and says so", async () => {
    const stubborn =
      "trap '' TERM; (trap '' TERM; exec sleep 77) & setsid bash -c \"trap '' TERM; sleep 78\" & wait; sleep 79";
    await house.put("tree", "exec_command", bash(stubborn), { waitMs: 0 });
    const { pid, child } = await keeperOf(house, "tree");
    await waitFor(async () => (await childrenNamed("sleep 7[78]")).length === 2);
    const answer = await house.cancel("tree");
    expect(doneOf(answer)).toMatchObject({ ok: false, content: expect.stringContaining("Cancelled") });
    expect(await isAlive(child!)).toBe(false);
    await waitFor(async () => !(await isAlive(pid)));
    expect(await childrenNamed("sleep 7[789]")).toEqual([]);
    expect(await house.cancel("tree")).toEqual(answer);
  });

  it("[TC8] a call that never came keeps it from ever running", async () => {
    const answer = await house.cancel("early");
    expect(doneOf(answer).ok).toBe(false);
    expect(await house.put("early", "exec_command", appending("one"))).toEqual(answer);
    await house.succeed();
    expect(await house.put("early", "exec_command", appending("one"))).toEqual(answer);
    expect(await lines()).toEqual([]);
  });

  it("[TC8] one that is done changes nothing", async () => {
    const answer = await house.put("over", "exec_command", appending("one"));
    expect(await house.cancel("over")).toEqual(answer);
  });

  it("[TC9] one that waits for its turn keeps it from starting; the others all run", async () => {
    const waiting = bash("until test -e go; do sleep 0.1; done");
    for (const id of ["r1", "r2"]) await house.put(id, "exec_command", waiting, { waitMs: 0 });
    await Promise.all(["r1", "r2"].map((id) => keeperOf(house, id)));
    await house.put("waits", "exec_command", appending("one"), { waitMs: 0 });
    await house.put("gone", "exec_command", appending("two"), { waitMs: 0 });
    expect(doneOf(await house.cancel("gone"))).toMatchObject({ ok: false });
    expect(await house.get("waits", 0)).toMatchObject({ state: "running" });
    expect(await lines()).toEqual([]);
    await writeFile(join(house.root.workspaceDir, "go"), "");
    for (const id of ["r1", "r2", "waits"]) expect(doneOf(await house.get(id))).toMatchObject({ ok: true });
    expect(await lines()).toEqual(["one"]);
  });
});

describe("a command", () => {
  it("[TC10] tells how it ended in words: exit code, signal, limit, and what is no program", async () => {
    const failed = await house.done("exec_command", bash("echo out; echo err >&2; exit 3"));
    expect(failed).toMatchObject({ ok: false, exitCode: 3 });
    expect(failed.content).toMatch(/^Exit code 3\. .*\nout\nerr\n$/);
    expect((await house.done("exec_command", bash("kill -9 $$"))).content).toContain("Killed by SIGKILL");
    const late = await house.done("exec_command", bash("sleep 30", { timeoutSeconds: 1 }));
    expect(late).toMatchObject({ ok: false, content: expect.stringContaining("longer than its limit of 1 s") });
    const missing = await house.done("exec_command", { command: "no-such-program" });
    expect(missing).toMatchObject({ ok: false, content: expect.stringContaining('no program "no-such-program"') });
  });

  it("[TC10] of a long output shows the beginning and the end, and read_output pages through all of it", async () => {
    const result = await house.done("exec_command", bash("seq 1 20000; echo é"), "long");
    expect(result.content.length).toBeLessThanOrEqual(16_000);
    expect(result.content).toMatch(/\n1\n2\n/);
    expect(result.content).toMatch(/20000\né\n$/);
    const whole = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");
    let text = "";
    for (let next: number | undefined = 0; next !== undefined;) {
      const page = await house.done("read_output", { call: "long", offset: next });
      expect(page.content.length).toBeLessThanOrEqual(16_000);
      text += page.content.slice(0, page.content.lastIndexOf("\n("));
      next = page.more?.next;
    }
    expect(text).toBe(`${whole}é\n`);
    expect(result.more).toEqual({ size: Buffer.byteLength(text), next: expect.any(Number) });
  });

  it("[TC10] that prints what is no text says so, and a broken character is no trouble", async () => {
    expect((await house.done("exec_command", bash("head -c 100 /dev/zero"))).content).toContain(
      "100 bytes that are no text",
    );
    expect((await house.done("exec_command", bash(String.raw`printf 'a\xffb'`))).content).toContain("a\ufffdb");
  });

  it("[TC13] gets nothing of the agent's: no variable with a key, a token, or our name", async () => {
    process.env["ROUNDHOUSE_ADMIN_KEY"] = "canary-1";
    process.env["HF_TOKEN"] = "canary-2";
    try {
      const { content } = await house.done("exec_command", { command: "env" });
      expect(content).toContain(`HOME=${house.root.workspaceDir}`);
      expect(content).not.toMatch(/canary|ROUNDHOUSE|TOKEN/);
    } finally {
      delete process.env["ROUNDHOUSE_ADMIN_KEY"];
      delete process.env["HF_TOKEN"];
    }
  });

  it("[TC10] ends with what it leaves running", async () => {
    await house.done("exec_command", bash("sleep 76 & disown; setsid sleep 76 & echo started"));
    await waitFor(async () => (await childrenNamed("sleep 76")).length === 0);
  });
});

describe("old effects", () => {
  it("[TC14] lose their output after a week, and are known for 90 days", async () => {
    const answer = await house.put("old", "exec_command", appending("one"));
    const days = (count: number) => Date.now() + count * 24 * 60 * 60_000;
    await dropOld(house.root, days(8));
    expect((await house.done("read_output", { call: "old", offset: 0 })).content).toContain("no output");
    expect(await house.put("old", "exec_command", appending("one"))).toEqual(answer);
    expect(await house.put("old", "exec_command", appending("two"))).toMatchObject({ code: "id_taken" });
    expect(await lines()).toEqual(["one"]);
    await dropOld(house.root, days(91));
    expect(await effectsOf(house)).toEqual([]);
  });
});

/** Command lines below this house's folder, as pgrep finds them. */
async function childrenNamed(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [command, environment, stat] = await Promise.all(
      ["cmdline", "environ", "stat"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
    );
    const words = command!.replaceAll("\0", " ").trim();
    if (new RegExp(`^${pattern}$`).test(words) && environment!.includes(house.root.path) && !stat!.includes(") Z "))
      found.push(words);
  }
  return found;
}

it("[TC4] a call's digest is over its arguments as they were sent", async () => {
  const sent = { path: "workspace/x" };
  expect(readArguments("read_file", sent)).toMatchObject({ ok: true, arguments: { offset: 0 } });
  const request = requestOf("read_file", sent);
  expect(await digestOfCall(request)).toBe(
    await digestOfCall({ tool: "read_file", arguments: { path: "workspace/x" } }),
  );
});
