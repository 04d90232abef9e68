/**
 * The program that talks to the Docker engine. `run <job file>`: holds a container, and ends as it ends. `pipe <job file>`:
 * the same with its standard input and output for the container's. `shell <job file>`:
 * a shell in it. `sweep <socket> <root> <instance> …`: removes the containers of a data root but for those of these
 * instances. `clear <socket> <root>`: removes all that was made for it. `usage <socket> <root>`: tells what its containers
 * take each time it is asked by a line.
 */
import { readFile } from "node:fs/promises";
import { openEngine } from "../engine.ts";
import { execShell } from "../exec.ts";
import { holdContainer } from "../hold.ts";
import { pipeContainer } from "../pipe.ts";
import { CannotPull } from "../pull.ts";
import { lineOf } from "../says.ts";
import type { ContainerJob } from "../job.ts";
import { clear, sweep } from "../sweep.ts";
import { answerUsage } from "../usage.ts";

/** What Docker's own command says where the engine refuses. */
const REFUSED = 125;

process.exit(await main(process.argv.slice(2)));

async function main([what, place = "", ...rest]: string[]): Promise<number> {
  try {
    if (what === "run") return await hold(await readJob(place));
    if (what === "pipe") return await pipe(await readJob(place));
    if (what === "shell") return await shell(await readJob(place));
    if (what === "sweep") return await sweepAll(place, rest);
    if (what === "clear") return await clearAll(place, rest);
    if (what === "usage") return await tellUsage(place, rest);
    throw new Error(
      "usage: container run|pipe|shell <job file>, sweep <socket> <root> <instance> …, or clear|usage <socket> <root>",
    );
  } catch (error) {
    // One line: the instance's reason is read from it (instances/clues.ts).
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
    process.stderr.write(error instanceof CannotPull ? `${message}\n` : `the container could not be run: ${message}\n`);
    return REFUSED;
  }
}

/** The agent wrote it. */
async function readJob(file: string): Promise<ContainerJob> {
  return JSON.parse(await readFile(file, "utf8")) as ContainerJob;
}

function shell({ socketPath, owner }: ContainerJob): Promise<number> {
  return execShell(openEngine(socketPath), owner);
}

async function sweepAll(socketPath: string, [root = "", ...held]: string[]): Promise<number> {
  process.stdout.write(`${await sweep(openEngine(socketPath), root, held)}\n`);
  return 0;
}

async function clearAll(socketPath: string, [root = ""]: string[]): Promise<number> {
  await clear(openEngine(socketPath), root);
  return 0;
}

async function tellUsage(socketPath: string, [root = ""]: string[]): Promise<number> {
  await answerUsage(openEngine(socketPath), root, process.stdin, (line) => process.stdout.write(`${line}\n`));
  return 0;
}

/** What it has to say itself goes where the container's errors go: the other stream is the container's alone. */
function pipe(job: ContainerJob): Promise<number> {
  const stop = stopOnSignals();
  return pipeContainer({
    engine: openEngine(job.socketPath),
    job,
    env: process.env,
    tell: (line) => process.stderr.write(lineOf(line)),
    output: { stdout: process.stdout, stderr: process.stderr },
    input: process.stdin,
    stop,
  });
}

function stopOnSignals(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  return stop;
}

function hold(job: ContainerJob): Promise<number> {
  const stop = stopOnSignals();
  return holdContainer({
    engine: openEngine(job.socketPath),
    job,
    env: process.env,
    tell: (line) => process.stdout.write(lineOf(line)),
    output: { stdout: process.stdout, stderr: process.stderr },
    stop: stop.signal,
  });
}
