/** What containers take, asked of the program that may talk to the engine; it runs for as long as somebody wants to know. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { engineSocket } from "../host/docker.ts";
import type { ContainerUsage } from "../host/instance-usage.ts";

const ANSWER_LIMIT_MS = 2_000;
/** Some times what lies between two samples. */
const IDLE_MS = 6_000;
const RETRY_MS = 60_000;
const MAX_STDERR = 1_000;

export type MeterOptions = {
  program: () => Promise<string>;
  /** Whose containers; the label that they bear. */
  root: string;
  /** Whether any instance of the node is a container now. */
  hasContainers: () => Promise<boolean>;
  log: (line: string) => void;
};

export type Meter = {
  /** Never throws: what cannot be measured is missing. Not to be called again before it answered. */
  read(): Promise<ContainerUsage[]>;
  stop(): void;
};

export function createMeter({ program, root, hasContainers, log }: MeterOptions): Meter {
  let asked: Asked | undefined;
  let idle: NodeJS.Timeout | undefined;
  let notBeforeMs = 0;
  let isOver = false;
  const end = (): void => {
    clearTimeout(idle);
    asked?.end();
    asked = undefined;
  };
  return {
    async read() {
      if (performance.now() < notBeforeMs || !(await hasContainers())) return [];
      const file = await program();
      if (isOver) return [];
      clearTimeout(idle);
      idle = setTimeout(end, IDLE_MS).unref();
      asked ??= begin([file, "usage", engineSocket(), root]);
      try {
        return await asked.ask();
      } catch (error) {
        if (!isOver) log(`containers: what they take cannot be measured: ${String(error)}`);
        notBeforeMs = performance.now() + RETRY_MS;
        end();
        return [];
      }
    },
    stop() {
      isOver = true;
      end();
    },
  };
}

type Asked = { ask(): Promise<ContainerUsage[]>; end(): void };

/** It ends with its input, so that an agent that was killed leaves none behind. */
function begin(args: string[]): Asked {
  const child = spawn(process.execPath, args, { cwd: "/", env: {}, stdio: ["pipe", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stdout });
  const ended = whenEnded(child);
  // Said once more by whoever waits for its answer.
  ended.catch(() => undefined);
  return {
    ask: () => Promise.race([askOnce(child.stdin, lines), ended]),
    end: () => void child.kill("SIGKILL"),
  };
}

async function askOnce(questions: Writable, answers: Interface): Promise<ContainerUsage[]> {
  const answer = once(answers, "line", { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  questions.write("\n");
  const [line] = (await answer) as [string];
  return JSON.parse(line) as ContainerUsage[];
}

function whenEnded(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<never> {
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-MAX_STDERR)));
  return new Promise((_, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => fail(new Error(stderr.trim() || `the program ended with ${code ?? signal}`)));
    // It ends before it has read what it was asked.
    child.stdin.once("error", fail);
  });
}
