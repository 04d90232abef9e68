/** Kills the agent, the runtime or both at random moments of runs that append lines to files on the node. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "@roundhouse/protocol/api/job";
import { isOver, type Run } from "@roundhouse/protocol/api/run";
import type { Random } from "../chaos/random.ts";
import type { House } from "./house.ts";
import type { Jobs } from "./jobs.ts";
import { killHard } from "./processes.ts";
import type { Reply, ScriptedModel } from "./scripted-model.ts";
import { until } from "./until.ts";

const TURNS = 4;
const RUNS_AT_ONCE = 4;
const LONGEST_PAUSE_MS = 3_000;
const VICTIMS = ["agent", "runtime", "both"] as const;
const CALM_LIMIT_MS = 180_000;

export type KillsWish = { kills: number; random: Random; say: (line: string) => void };
type Begun = { run: string; file: string };

/** Answers what is wrong at the end: nothing, if every run succeeded and each line is there once. */
export async function killAmongRuns(
  house: House,
  jobs: Jobs,
  model: ScriptedModel,
  wish: KillsWish,
): Promise<string[]> {
  model.follow(({ messages }, turn) => appendingTurn(fileOf(JSON.stringify(messages)), turn));
  const limits = { turns: TURNS + 2, minutes: 30, concurrency: RUNS_AT_ONCE * 2 };
  const job = await jobs.make({ name: "append", tools: ["write_file", "exec_command"], limits });
  const all: Begun[] = [];
  let open: Begun[] = [];
  for (let kill = 0; kill < wish.kills; kill++) {
    open = await stillOpen(jobs, open);
    while (open.length < RUNS_AT_ONCE) {
      const begun = await begin(jobs, job, all.length);
      all.push(begun);
      open.push(begun);
    }
    await sleep(wish.random.below(LONGEST_PAUSE_MS));
    const victim = VICTIMS[wish.random.below(VICTIMS.length)]!;
    await strike(house, victim);
    if (kill % 50 === 49) wish.say(`${kill + 1} kills, ${all.length} runs begun`);
  }
  await house.untilOnline(CALM_LIMIT_MS);
  const ends = await Promise.all(all.map(({ run }) => jobs.untilOver(run, CALM_LIMIT_MS)));
  wish.say(`${wish.kills} kills among ${all.length} runs`);
  return all.flatMap((begun, at) => judge(house, begun, ends[at]!));
}

/** Each turn appends two lines, one by each kind of effect, at the same time. */
function appendingTurn(file: string, turn: number): Reply {
  if (turn >= TURNS) return { text: "all lines are written" };
  const [one, other] = [`line ${2 * turn}`, `line ${2 * turn + 1}`];
  return {
    calls: [
      { name: "write_file", arguments: { path: `workspace/${file}`, content: `${one}\n`, mode: "append" } },
      { name: "exec_command", arguments: { command: "bash", args: ["-c", `echo "${other}" >> ${file}`] } },
    ],
  };
}

function fileOf(text: string): string {
  const file = /kill-\d+\.txt/.exec(text)?.[0];
  if (file === undefined) throw new Error(`no file is named in ${text}`);
  return file;
}

/** A request whose answer was lost is sent again; its key makes it the same run. */
async function begin(jobs: Jobs, job: Job, number: number): Promise<Begun> {
  const file = `kill-${number}.txt`;
  let last: unknown;
  const ask = () => jobs.run(job.id, { data: { file } }, file).catch((error: unknown) => void (last = error));
  const { value } = await until(`a run for ${file} is begun`, ask, {
    limitMs: CALM_LIMIT_MS,
    seen: () => String(last),
  });
  return { run: value.id, file };
}

async function stillOpen(jobs: Jobs, open: readonly Begun[]): Promise<Begun[]> {
  const runs = await Promise.all(open.map(({ run }) => jobs.get(run).catch(() => undefined)));
  return open.filter((_, at) => runs[at] === undefined || !isOver(runs[at].status));
}

async function strike(house: House, victim: (typeof VICTIMS)[number]): Promise<void> {
  if (victim !== "agent") for (const { pid } of house.runtimes()) killHard(pid);
  if (victim === "runtime") return;
  // The last kill's agent may not be back yet.
  const pid = () => house.agentPid().catch(() => undefined);
  killHard((await until("an agent is there", pid, { limitMs: CALM_LIMIT_MS })).value);
}

function judge(house: House, { run, file }: Begun, end: Run): string[] {
  if (end.status !== "succeeded") return [`${run} (${file}) is ${end.status}: ${JSON.stringify(end.failure)}`];
  const path = join(house.nodeData, "workspace", file);
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean).toSorted() : [];
  const expected = Array.from({ length: 2 * TURNS }, (_, at) => `line ${at}`).toSorted();
  return JSON.stringify(lines) === JSON.stringify(expected) ? [] : [`${run} (${file}) wrote ${JSON.stringify(lines)}`];
}
