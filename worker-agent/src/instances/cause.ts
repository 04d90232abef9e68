/** Why an app ended, in words a person can act on, from its exit status and its last words. Pure. */
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { clueIn, saysKilled, wordsOf } from "./clues.ts";

export type Ending = {
  exitCode: number | null;
  signal: string | null;
  /** Whether the kernel killed anything for memory while it ran; null where the kernel does not tell. */
  outOfMemory: boolean | null;
  lastLines: string[];
  /** What this node has to give to apps; null where it cannot be read. */
  memoryBytes: number | null;
};

const GIB = 1024 ** 3;
const SHELL_SIGNAL_BASE = 128;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** Signals by the number a shell adds to 128 (x86 and ARM number these alike). */
const SIGNALS: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
};

const FROM_OUTSIDE = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);

const CRASHES: Record<string, { what: string; hint: string }> = {
  SIGSEGV: {
    what: "it crashed on a bad memory access",
    hint: "Usually one of its native libraries does not fit the others, the driver or the processor.",
  },
  SIGBUS: {
    what: "it crashed on memory it could not reach",
    hint: "Usually a full disk, or too little shared memory (/dev/shm) in a container.",
  },
  SIGILL: {
    what: "it crashed on an instruction this processor does not know",
    hint: "It was built for a newer processor: install a build for this one.",
  },
  SIGABRT: { what: "it gave up by itself (abort)", hint: "Its last lines say why." },
  SIGFPE: { what: "it crashed on an impossible calculation", hint: "Its last lines may say where." },
};

export function causeOf(ending: Ending): KnownReason {
  const { exitCode, signal, outOfMemory } = ending;
  const name = signal ?? shellSignal(exitCode);
  if (outOfMemory && (wasKilled(ending) || saysKilled(ending.lastLines))) {
    return killedForMemory(ending, "the kernel killed it: the node's memory ran out");
  }
  if (exitCode === 0) return { code: "exited", message: "ended with exit code 0" };
  // Whoever was ended from outside had no last word to say about it.
  if (signal !== null && FROM_OUTSIDE.has(signal)) return ofSignal(ending, signal);
  return (
    withMemory(clueIn(ending.lastLines), ending) ??
    ofCode(ending) ??
    (name === undefined ? undefined : ofSignal(ending, name)) ?? {
      code: "exited",
      message: `ended with exit code ${exitCode}`,
    }
  );
}

function wasKilled({ signal, exitCode }: Ending): boolean {
  return signal === "SIGKILL" || shellSignal(exitCode) === "SIGKILL";
}

export function killedForMemory({ memoryBytes }: Pick<Ending, "memoryBytes">, message: string): KnownReason {
  const has = memoryBytes === null ? "" : ` (this node has ${(memoryBytes / GIB).toFixed(1)} GiB)`;
  return {
    code: "out_of_memory",
    message: `${message}${has}`,
    hint: "Give it less to load, end other apps on this node, or use one with more memory.",
  };
}

function withMemory(reason: KnownReason | undefined, ending: Ending): KnownReason | undefined {
  return reason?.code === "out_of_memory" ? killedForMemory(ending, reason.message) : reason;
}

/** The two codes by which a shell says that it could not run a command. */
function ofCode({ exitCode, lastLines }: Ending): KnownReason | undefined {
  const lines = wordsOf(lastLines).toReversed();
  if (exitCode === NOT_FOUND) {
    const name = lines
      .map((line) => /([^\s:]+): (?:command )?not found$/.exec(line)?.[1])
      .find((one) => one !== undefined);
    return {
      code: "command_missing",
      message: name
        ? `the command ${JSON.stringify(name)} is not on this node`
        : "a command it needs is not on this node",
      hint: "Install it there, or have the script install it: exit code 127.",
    };
  }
  if (exitCode !== NOT_EXECUTABLE) return undefined;
  const file = lines.map((line) => /([^\s:]+): (?:Permission denied|cannot execute.*)$/.exec(line)?.[1]).find(Boolean);
  return {
    code: "not_executable",
    message: `${file ? JSON.stringify(file) : "a file it calls"} cannot be run`,
    hint: "It lacks the right to be executed, or is a program for another processor: exit code 126.",
  };
}

function ofSignal(ending: Ending, name: string): KnownReason {
  const end = ending.signal === null ? `exit code ${ending.exitCode}` : `ended by ${name}`;
  const crash = CRASHES[name];
  if (crash) return { code: "crashed", message: `${crash.what}: ${end}`, hint: crash.hint };
  if (name === "SIGKILL" && ending.outOfMemory === null) {
    return killedForMemory(ending, "killed, and not by this agent: probably the node's memory ran out");
  }
  return { code: "killed", message: ending.signal === null ? `a program of it was ended by ${name}: ${end}` : end };
}

function shellSignal(exitCode: number | null): string | undefined {
  return exitCode === null ? undefined : SIGNALS[exitCode - SHELL_SIGNAL_BASE];
}
