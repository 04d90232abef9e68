/** A pseudo terminal by the native module, where somebody has put that beside the agent. */
import { constants } from "node:os";
import type { IPty, spawn } from "@lydell/node-pty";
import type { Pty, PtyExit, PtySpec } from "./pty.ts";

type Module = { spawn: typeof spawn };

let loading: Promise<Module | undefined> | undefined;

export async function nativePty(spec: PtySpec): Promise<Pty | undefined> {
  loading ??= loadModule();
  const module = await loading;
  if (!module) return undefined;
  const { cwd, env, size, enter = (command) => command } = spec;
  const { command, args } = enter(spec);
  return wrap(module.spawn(command, args, { name: env["TERM"], cwd, env, encoding: null, ...size }));
}

/** Not there, or not made for this host (its C library, its processor): either way there is python3. */
async function loadModule(): Promise<Module | undefined> {
  try {
    return await import("@lydell/node-pty");
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function wrap(terminal: IPty): Pty {
  let hasExited = false;
  const exited = new Promise<PtyExit>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      hasExited = true;
      resolve(signal ? { code: null, signal: signalName(signal) } : { code: exitCode, signal: null });
    });
  });
  return {
    pid: terminal.pid,
    exited,
    // Without an encoding it hands on buffers, whatever its types say.
    onData: (listener) => void terminal.onData((bytes) => listener(bytes as unknown as Uint8Array)),
    // Neither do they know that it takes them. It queues what the program does not take, and does not say so.
    write: async (bytes) => {
      if (!hasExited) terminal.write(Buffer.from(bytes) as unknown as string);
    },
    resize: ({ cols, rows }) => {
      if (!hasExited) terminal.resize(cols, rows);
    },
    pause: () => terminal.pause(),
    resume: () => terminal.resume(),
    destroy: () => {
      // Its own ending signals a number that may be another process's by then.
      if (!hasExited) (terminal as IPty & { destroy(): void }).destroy();
    },
  };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
