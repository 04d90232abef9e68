/** A copy of this agent below the data root, so that an emptied npx cache takes nothing away, and a script that keeps it running. */
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENDED_WITH_APPS, NOT_WELCOME, WRONG_USAGE } from "../exit-status.ts";

export type Program = {
  data: string;
  node: string;
  agent: string;
  /** What the agent is started with. */
  args: string[];
  /** Serves for ever, for hosts without a service manager. */
  script: string;
  logFile: string;
};

const PARTS = ["agent.mjs", "keeper.mjs", "tool.mjs"];
const RESTART_SECONDS = 2;
/** Of an agent that was told to end, or would end again and again. */
export const FINAL_STATUSES = [WRONG_USAGE, NOT_WELCOME, ENDED_WITH_APPS];

/** `platform` is passed on when the person gave it. */
export function programIn(data: string, platform: string | undefined): Program {
  const folder = join(data, "service");
  return {
    data,
    node: process.execPath,
    agent: join(folder, "agent.mjs"),
    args: ["--data", data, ...(platform === undefined ? [] : ["--platform", platform])],
    script: join(folder, "run.sh"),
    logFile: join(folder, "agent.log"),
  };
}

/** Replaces an older copy; a running agent keeps the code it was loaded with. `from` is the folder of the bundled programs. */
export async function copyProgram(program: Program, from = dirname(fileURLToPath(import.meta.url))): Promise<void> {
  const folder = dirname(program.agent);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const part of PARTS) {
    const [source, target] = [join(from, part), join(folder, part)];
    if (source === target) continue;
    await copyFile(source, `${target}.tmp`);
    await rename(`${target}.tmp`, target);
  }
  await writeFile(program.script, runScript(program), { mode: 0o700 });
}

export async function removeProgram(program: Program): Promise<void> {
  // What was started a moment ago may still write its first words there.
  await rm(dirname(program.agent), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

export function runScript({ node, agent, args }: Program): string {
  return `#!/bin/sh
# Keeps this machine's worker agent running. Written by worker-agent --install-service, removed by --uninstall-service.
while [ -f ${quoted(agent)} ]; do
  ${[node, agent, ...args].map(quoted).join(" ")}
  case $? in
  0 | ${FINAL_STATUSES.join(" | ")}) exit ;;
  esac
  sleep ${RESTART_SECONDS}
done
`;
}

/** Starts the script on its own, its output in a file; one line for any POSIX shell. */
export function startLine({ script, logFile }: Program): string {
  return `setsid nohup /bin/sh ${quoted(script)} >>${quoted(logFile)} 2>&1 </dev/null &`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
