/** What a job's run costs besides its model: a call on a node beside `ssh` to the same machine, a step, a run that waits. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type House, openHouse } from "../../e2e/house.ts";
import { Jobs, OPEN_POLICY } from "../../e2e/jobs.ts";
import { ScriptedModel } from "../../e2e/scripted-model.ts";
import { residentBytes, runtimeOf } from "../load/memory.ts";
import { percentile } from "../load/stats.ts";
import type { Figures, Trial } from "../measure.ts";
import { installSsh, openSshServer } from "../ways/ssh.ts";

const CALLS = 100;
const WAITING_RUNS = 1000;
/** The most that one job may have. */
const RUNS_PER_JOB = 100;
const AT_ONCE = 20;
/** From the last request to an object's eviction takes some 10 s in the local runtime. */
const UNTIL_EVICTED_MS = 20_000;
const run = promisify(execFile);

export const jobRuns: Trial = {
  name: "jobs",
  isLong: true,
  rows: {
    exec: { title: "exec_command of `true` in a run, p50", unit: "ms" },
    sshNew: { title: "the same by ssh, p50", unit: "ms" },
    sshHeld: { title: "the same by ssh over a connection that is held, p50", unit: "ms" },
    read: { title: "read_file of 1 KiB in a run, p50", unit: "ms" },
    step: { title: "a turn and its call, without the model", unit: "ms" },
    waiting: { title: "memory of a run that waits for approval", unit: "KiB" },
  },
  measure: async ({ temp, later }) => {
    installSsh();
    const house = await openHouse();
    later.defer(() => house.close());
    const model = await ScriptedModel.open(() => ({ text: "nothing" }));
    later.defer(() => model.close());
    const jobs = new Jobs(house);
    await jobs.setPolicy(OPEN_POLICY);
    await jobs.provider("scripted", model);
    const calls = await measureCalls(jobs, model);
    return { ...calls, ...(await measureSsh(temp, later)), ...(await measureWaiting(house, jobs, model)) };
  },
};

async function measureCalls(jobs: Jobs, model: ScriptedModel): Promise<Figures> {
  const limits = { turns: CALLS + 10, tokens: 10_000_000 };
  const job = await jobs.make({ name: "calls", tools: ["write_file", "exec_command", "read_file"], limits });
  const write = { name: "write_file", arguments: { path: "workspace/kib.txt", content: "x".repeat(1024) } };
  const timed = async (call: typeof write | { name: string; arguments: object }) => {
    model.follow((_, turn) => (turn === 0 ? { calls: [write] } : turn <= CALLS ? { calls: [call] } : { text: "done" }));
    const ended = await jobs.whole(job.id, {}, 300_000);
    const steps = (await jobs.steps(ended.id)).filter((step) => step.kind === "tool" && step.tool === call.name);
    const took = steps.map(({ startedAt, endedAt }) => Date.parse(endedAt ?? "") - Date.parse(startedAt));
    const whole = (Date.parse(ended.endedAt ?? "") - Date.parse(ended.startedAt ?? "")) / (CALLS + 2);
    return { took, whole };
  };
  const exec = await timed({ name: "exec_command", arguments: { command: "true" } });
  const read = await timed({ name: "read_file", arguments: { path: "workspace/kib.txt" } });
  return { exec: percentile(exec.took, 50), read: percentile(read.took, 50), step: read.whole };
}

async function measureSsh(temp: string, later: AsyncDisposableStack): Promise<Figures> {
  const connect = await openSshServer(temp, later);
  const control = ["-o", `ControlPath=${join(temp, "ssh/control")}`];
  await run("ssh", ["-o", "ControlMaster=yes", "-o", "ControlPersist=300", ...control, ...connect, "true"]);
  later.defer(() => run("ssh", ["-O", "exit", ...control, ...connect]).then(() => undefined));
  const times = async (args: string[]): Promise<number[]> => {
    const took: number[] = [];
    for (let call = 0; call < CALLS; call++) {
      const begin = performance.now();
      await run("ssh", [...args, "true"]);
      took.push(performance.now() - begin);
    }
    return took;
  };
  return {
    sshHeld: percentile(await times([...control, ...connect]), 50),
    sshNew: percentile(await times(connect), 50),
  };
}

/** What the runtime has grown by when all wait and their objects have left its memory, for each run. */
async function measureWaiting(house: House, jobs: Jobs, model: ScriptedModel): Promise<Figures> {
  await jobs.setPolicy({ ...OPEN_POLICY, default: "ask" });
  model.follow(() => ({ calls: [{ name: "write_file", arguments: { path: "workspace/never", content: "x" } }] }));
  const limits = { concurrency: RUNS_PER_JOB };
  const before = residentBytes(runtimeOf(house));
  for (let begun = 0; begun < WAITING_RUNS; begun += RUNS_PER_JOB) {
    const job = await jobs.make({ name: `waits ${begun}`, tools: ["write_file"], limits });
    for (let some = 0; some < RUNS_PER_JOB; some += AT_ONCE) await waitingRuns(jobs, job.id);
  }
  await sleep(UNTIL_EVICTED_MS);
  return { waiting: (residentBytes(runtimeOf(house)) - before) / 1024 / WAITING_RUNS };
}

async function waitingRuns(jobs: Jobs, job: string): Promise<void> {
  const begun = await Promise.all(Array.from({ length: AT_ONCE }, () => jobs.run(job)));
  await Promise.all(begun.map(({ id }) => jobs.until(id, "waiting", ({ status }) => status === "waiting", 60_000)));
}
