/** Supervises this machine's own worker agent: a separate process, started again whenever it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJsonIfThere } from "./file.ts";

const RESTART_DELAY_MS = 500;
/** The agent needs up to 5 s for its apps. */
const STOP_LIMIT_MS = 8_000;
/** The agent's exit status when the pool does not want it (worker-agent/src/main.ts). */
const NOT_WELCOME = 3;

export type LocalAgent = {
  /** Ends the agent and every app of it. */
  stop(): Promise<void>;
};

export function superviseAgent(options: {
  data: string;
  url: string;
  /** null when the node has joined. */
  token: string | null;
  name: string;
  log: (line: string) => void;
}): LocalAgent {
  const { data, url, token, name, log } = options;
  const program = join(import.meta.dirname, "../worker-agent/dist/agent.mjs");
  const pidFile = join(data, "agent.pid");
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  const start = (): void => {
    // A session of its own: the terminal's Ctrl-C is for us, and we end the agent and its apps in order.
    const args = ["--data", join(data, "node"), "--url", url, "--name", name];
    child = spawn(process.execPath, [program, ...args, ...(token === null ? [] : ["--token", token])], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: agentEnvironment(),
    });
    if (child.pid !== undefined) writeFileSync(pidFile, String(child.pid));
    for (const output of [child.stdout, child.stderr]) output?.on("data", (chunk: Buffer) => log(chunk.toString()));
    child.on("exit", (code, signal) => {
      rmSync(pidFile, { force: true });
      child = undefined;
      if (isStopping) return;
      if (code === NOT_WELCOME) {
        log(
          "The local node was removed from the pool. It joins again at the next start; ROUNDHOUSE_NO_LOCAL_NODE=1 prevents that.\n",
        );
        return;
      }
      log(`The local worker agent ended (${signal ?? `status ${code}`}); starting it again.\n`);
      timer = setTimeout(start, RESTART_DELAY_MS);
    });
  };
  start();
  return {
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      const running = child;
      running?.kill("SIGUSR2");
      // Without an agent (removed from the pool, or between two starts) its apps may run all the same.
      const ending = running ?? spawn(process.execPath, [program, "stop", "--data", join(data, "node")]);
      const ended = new Promise<void>((resolve) => ending.once("exit", () => resolve()));
      const force = setTimeout(() => {
        log(`The worker agent did not end within ${STOP_LIMIT_MS / 1000} s and was killed.\n`);
        ending.kill("SIGKILL");
      }, STOP_LIMIT_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Whether the local node is in this control plane's pool already, by the agent's own record. */
export function hasJoined(data: string, url: string): boolean {
  const record = readJsonIfThere(join(data, "node", "node.json")) as { id: unknown; url: unknown } | undefined;
  return typeof record?.id === "string" && record.url === url;
}

/** The agent gets the environment of this start, less what belongs to the control plane. */
function agentEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^ROUNDHOUSE_|^PUBLIC_URL$/.test(name)));
}
