/** `--install-service`, `--uninstall-service`: makes the agent start with its machine, by what the machine has for that. */
import { ensureJoined } from "../ensure-joined.ts";
import { openDataRoot } from "../host/open-data-root.ts";
import { runProgram } from "../host/programs.ts";
import { findWhereabouts } from "../host/whereabouts.ts";
import type { PlaceOptions, ServeOptions } from "../options.ts";
import { installHook, removeHook } from "./hook-file.ts";
import { copyProgram, programIn, removeProgram, startLine } from "./program.ts";
import { ServiceRefused } from "./refused.ts";
import { installUnit, removeUnit, type ServiceManager } from "./unit-file.ts";
import { chooseWay } from "./way.ts";

/** Joins if need be, then installs. Again changes nothing but the copy of the agent. Answers the exit status. */
export async function installService(options: ServeOptions): Promise<number> {
  const where = await findWhereabouts(options);
  const { root, readMode } = await openDataRoot(where.data);
  const mode = await readMode();
  if (mode.mode === "read-only") throw new ServiceRefused(`${mode.reason}; give another folder with --data`);
  await ensureJoined(root, options);
  const program = programIn(where.data, options.platform);
  await copyProgram(program);
  const way = chooseWay(where);
  switch (way.how) {
    case "systemd":
      await installUnit(way, program, where.view, SYSTEMCTL);
      break;
    case "hook":
      await installHook(way.hook, program, where.view, say);
      break;
    case "by-hand":
      say(`${way.because}\n\n  ${startLine(program)}\n`);
  }
  return 0;
}

/** The node's data, its apps, and an agent that a person started stay. Answers the exit status. */
export async function uninstallService(options: PlaceOptions): Promise<number> {
  const where = await findWhereabouts(options);
  const program = programIn(where.data, options.platform);
  const way = chooseWay(where);
  if (way.how === "systemd") await removeUnit(way, program, where.view, SYSTEMCTL);
  if (way.how === "hook") await removeHook(way.hook, where.view, say);
  await removeProgram(program);
  say(`The agent does not start by itself any more. ${where.data} and the apps stay as they are.`);
  return 0;
}

const SYSTEMCTL: ServiceManager = {
  run: (args) => runProgram("systemctl", args, { limitMs: 60_000 }),
  env: process.env,
  say,
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
