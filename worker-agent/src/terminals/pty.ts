/** A pseudo terminal with a program in it, by whichever way this host has. */
import type { TerminalSize } from "@roundhouse/protocol/terminal";
import type { AppUser } from "../blueprints/runtime.ts";
import type { Command } from "../host/views.ts";
import { nativePty } from "./native-pty.ts";
import { TerminalProblem } from "./problem.ts";
import { pythonPty } from "./python-pty.ts";

export type PtySpec = {
  command: string;
  args: string[];
  cwd: string;
  /** The whole environment. */
  env: Record<string, string>;
  user: AppUser | null;
  /** Makes a command one that runs in the program's view of the disk, as that user. */
  enter?: ((command: Command) => Command) | undefined;
  size: TerminalSize;
};

export type PtyExit = { code: number | null; signal: string | null };

export type Pty = {
  /** The program: the leader of its own session. */
  pid: number;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Resolves when the program has ended and its output was handed on. */
  exited: Promise<PtyExit>;
  /** Resolves when the terminal has taken it, or will never. */
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  /** No output is read: a program that prints on waits. Input and sizes still pass. */
  pause(): void;
  resume(): void;
  /** Hangs up. */
  destroy(): void;
};

/** Undefined when this host lacks what it takes. */
export type PtyWay = (spec: PtySpec) => Promise<Pty | undefined>;

/**
 * The native module goes before python3, but not where the program runs as another user: it would leave it in the
 * groups of root, and the terminal's device with root.
 */
export async function openPty(spec: PtySpec, ways: PtyWay[] = waysFor(spec)): Promise<Pty> {
  for (const way of ways) {
    const pty = await way(spec);
    if (pty) return pty;
  }
  const native = spec.user ? "" : ", or the npm package @lydell/node-pty beside the worker agent";
  throw new TerminalProblem(
    "no_pty",
    "This node can open no terminal: it has no python3.",
    `Install python3 on it (on Debian or Ubuntu: apt-get install python3)${native}, and open the terminal again.`,
  );
}

function waysFor({ user }: PtySpec): PtyWay[] {
  return user ? [pythonPty] : [nativePty, pythonPty];
}
