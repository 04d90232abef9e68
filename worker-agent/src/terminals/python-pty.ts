/** A pseudo terminal by python3, which every host with Python apps has (python-bridge.ts is the program). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { delimiter } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";
import { findPrograms } from "../host/programs.ts";
import { TerminalProblem } from "./problem.ts";
import type { Pty, PtyExit, PtySpec } from "./pty.ts";
import { PYTHON_BRIDGE } from "./python-bridge.ts";

type Bridge = ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable };

const USUAL_PLACES = "/usr/bin:/usr/local/bin";
/** A python3 that cannot even start its program must not keep a person waiting. */
const START_LIMIT_MS = 10_000;

export async function pythonPty(spec: PtySpec): Promise<Pty | undefined> {
  let problem: TerminalProblem | undefined;
  // The agent's own PATH, not the app's, which may begin with a python of the app. Some are in folders of root's.
  for await (const python of findPrograms("python3", [process.env["PATH"], USUAL_PLACES].join(delimiter))) {
    const bridge = await startBridge(python, spec);
    if (!(bridge instanceof TerminalProblem)) return bridge;
    problem ??= bridge;
  }
  if (problem) throw problem;
  return undefined;
}

async function startBridge(python: string, spec: PtySpec): Promise<Pty | TerminalProblem> {
  const { cwd, env, size } = spec;
  // Isolated (-I): neither the environment nor the instance's folder can put another module in the place of its own.
  const all = ["-I", "-S", "-c", PYTHON_BRIDGE, String(size.rows), String(size.cols), spec.command, ...spec.args];
  // The bridge goes in itself: the terminal belongs to whoever opens it.
  const { command, args, ...user } = spec.enter?.({ command: python, args: all }) ?? {
    command: python,
    args: all,
    ...spec.user,
  };
  const bridge = spawn(command, args, {
    ...{ cwd, env, ...user },
    // A session of its own: a Ctrl-C that ends the agent is the agent's to hand on.
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  }) as Bridge;
  const control = bridge.stdio[3] as Duplex;
  // Whoever breaks off shows as the end of the process.
  for (const stream of [bridge.stdin, bridge.stdout, control]) stream.on("error", () => undefined);
  const said = readLines(control);
  const begun = await Promise.race([said.pid, failure(bridge)]);
  if (typeof begun === "number") return wrap(bridge, control, begun, exitOf(bridge, said.exit));
  bridge.kill("SIGKILL");
  return new TerminalProblem(
    "no_pty",
    `${python} could not open a terminal: ${begun}`,
    "Install a python3 that works.",
  );
}

/** What the bridge says on its control channel. */
function readLines(control: Duplex): { pid: Promise<number>; exit: () => PtyExit | undefined } {
  let rest = "";
  let exit: PtyExit | undefined;
  const pid = new Promise<number>((resolve) => {
    control.setEncoding("utf8");
    control.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [word, first = "", second = ""] = line.split(" ");
        if (word === "pid") resolve(Number(first));
        if (word === "exit") exit = exitFrom(first, second);
      }
    });
  });
  return { pid, exit: () => exit };
}

function exitFrom(code: string, signal: string): PtyExit {
  if (signal === "-") return { code: Number(code), signal: null };
  const name = Object.entries(constants.signals).find(([, value]) => value === Number(signal))?.[0];
  return { code: null, signal: name ?? `signal ${signal}` };
}

/** Why it did not begin. */
function failure(bridge: Bridge): Promise<string> {
  let words = "";
  bridge.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-500)));
  return new Promise((resolve) => {
    bridge.once("error", (error) => resolve(error.message));
    bridge.once("close", () => resolve(words.trim().split("\n").at(-1) || "it ended at once"));
    setTimeout(resolve, START_LIMIT_MS, `it did not begin within ${START_LIMIT_MS / 1000} s`).unref();
  });
}

async function exitOf(bridge: Bridge, said: () => PtyExit | undefined): Promise<PtyExit> {
  if (bridge.exitCode === null && bridge.signalCode === null) await once(bridge, "close");
  // Killed itself, it could not say: its end hung the terminal up.
  return said() ?? { code: null, signal: bridge.signalCode ?? "SIGHUP" };
}

function wrap(bridge: Bridge, control: Duplex, pid: number, exited: Promise<PtyExit>): Pty {
  return {
    pid,
    exited,
    onData: (listener) => void bridge.stdout.on("data", listener),
    write: async (bytes) => {
      if (!bridge.stdin.writable || bridge.stdin.write(bytes)) return;
      await Promise.race([once(bridge.stdin, "drain"), exited]);
    },
    resize: ({ cols, rows }) => {
      if (control.writable) control.write(`${rows} ${cols}\n`);
    },
    pause: () => void bridge.stdout.pause(),
    resume: () => void bridge.stdout.resume(),
    destroy: () => void bridge.kill("SIGKILL"),
  };
}
