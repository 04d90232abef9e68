/** Puts an agent's unit where systemd finds it, and takes it away again. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ProgramResult } from "../host/programs.ts";
import type { HostView } from "../host/view.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import type { Program } from "./program.ts";
import { refuseWithoutPermission, ServiceRefused } from "./refused.ts";
import { isUnitOf, UNIT_NAME, unitText } from "./systemd.ts";
import type { Way } from "./way.ts";

export type ServiceManager = {
  /** `systemctl` with these arguments. */
  run: (args: string[]) => Promise<ProgramResult>;
  env: Record<string, string | undefined>;
  say: (line: string) => void;
};

type SystemdWay = Extract<Way, { how: "systemd" }>;

/** Throws {@link ServiceRefused}. */
export async function installUnit(
  way: SystemdWay,
  program: Program,
  view: HostView,
  manager: ServiceManager,
): Promise<void> {
  const path = join(view.fsRoot, way.file);
  const before = await readFile(path, "utf8").catch(whenMissing);
  if (before !== undefined && !isUnitOf(before, program)) {
    throw new ServiceRefused(
      `${way.file} serves another folder already; remove it first with --uninstall-service --data and that folder`,
    );
  }
  await mkdir(dirname(path), { recursive: true }).catch(refuseWithoutPermission(way.file));
  const text = unitText(program, way.scope, manager.env);
  await writeFile(path, text, { mode: 0o644 }).catch(refuseWithoutPermission(way.file));
  manager.say(`Wrote ${way.file}.`);
  for (const args of [["daemon-reload"], ["enable", UNIT_NAME], ["restart", UNIT_NAME]]) {
    await systemctl(way, args, manager);
  }
  const user = way.scope === "user" ? "--user " : "";
  manager.say(`The agent runs now and starts with this machine. Its log: journalctl ${user}--unit ${UNIT_NAME}`);
  if (way.scope === "user") {
    manager.say("It starts when you sign in. To have it start with the machine: sudo loginctl enable-linger $USER");
  }
}

/** Ends the agent that systemd runs, not its apps. Nothing happens where no unit of this data root is. */
export async function removeUnit(
  way: SystemdWay,
  program: Program,
  view: HostView,
  manager: ServiceManager,
): Promise<void> {
  const path = join(view.fsRoot, way.file);
  const before = await readFile(path, "utf8").catch(whenMissing);
  if (before === undefined || !isUnitOf(before, program)) return;
  await systemctl(way, ["disable", "--now", UNIT_NAME], manager);
  await rm(path).catch(refuseWithoutPermission(way.file));
  await systemctl(way, ["daemon-reload"], manager);
  manager.say(`Removed ${way.file}.`);
}

async function systemctl({ scope }: SystemdWay, args: string[], { run }: ServiceManager): Promise<void> {
  const all = [...(scope === "user" ? ["--user"] : []), ...args];
  const result = await run(all);
  if (result.kind === "ended" && result.code === 0) return;
  const why = result.kind === "ended" ? result.stderr.trim() : `the program is ${result.kind}`;
  throw new ServiceRefused(`systemctl ${all.join(" ")} failed: ${why}`);
}
