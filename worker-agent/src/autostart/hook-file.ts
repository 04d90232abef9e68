/** Puts the agent's start into a file that the platform runs, and takes it out again. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dataRootAt } from "../host/data-root.ts";
import type { HostView } from "../host/view.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import { lockHolder } from "../lock.ts";
import { type Hook, withBlock, withoutBlock } from "./hooks.ts";
import { type Program, startLine } from "./program.ts";
import { refuseWithoutPermission } from "./refused.ts";

/** Also starts the agent, unless one serves already. Throws {@link ServiceRefused}. */
export async function installHook(
  hook: Hook,
  program: Program,
  view: HostView,
  say: (line: string) => void,
): Promise<void> {
  const path = join(view.fsRoot, hook.file);
  const before = await readFile(path, "utf8").catch(whenMissing);
  await mkdir(dirname(path), { recursive: true }).catch(refuseWithoutPermission(hook.file));
  await writeFile(path, withBlock(before, program), { mode: 0o755 }).catch(refuseWithoutPermission(hook.file));
  say(`Wrote the agent's start into ${hook.file}, which this machine runs at each start.`);
  if (hook.note) say(hook.note);
  const holder = await lockHolder(dataRootAt(program.data));
  if (holder !== undefined) return say(`An agent (pid ${holder}) serves already; the next start runs the new one.`);
  spawn("/bin/sh", ["-c", startLine(program)], { stdio: "ignore", cwd: "/" });
  say(`The agent runs now. Its log: ${program.logFile}`);
}

/** An agent that runs goes on: it may be a person's own. */
export async function removeHook(hook: Hook, view: HostView, say: (line: string) => void): Promise<void> {
  const path = join(view.fsRoot, hook.file);
  const before = await readFile(path, "utf8").catch(whenMissing);
  if (before === undefined || withoutBlock(before) === before) return;
  await writeFile(path, withoutBlock(before)).catch(refuseWithoutPermission(hook.file));
  say(`Took the agent's start out of ${hook.file}.`);
}
