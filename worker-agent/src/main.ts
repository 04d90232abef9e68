#!/usr/bin/env node
/** The agent's entry: reads the command line, runs one command, and turns what goes wrong into words. */
import { setTimeout as sleep } from "node:timers/promises";
import { serve, endApps } from "./agent.ts";
import { installService, uninstallService } from "./autostart/install.ts";
import { ServiceRefused } from "./autostart/refused.ts";
import { WRONG_USAGE } from "./exit-status.ts";
import { dataRootAt } from "./host/data-root.ts";
import { findWhereabouts, type Whereabouts } from "./host/whereabouts.ts";
import { JoinRefused } from "./join.ts";
import { AlreadyRunning, lockHolder } from "./lock.ts";
import { type Options, parseOptions, USAGE, UsageError } from "./options.ts";
import { AGENT_VERSION } from "./version.ts";

const STOP_LIMIT_MS = 15_000;

// Whoever read our output may be gone (npm start was killed, a terminal closed); the apps still need us.
for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);

try {
  process.exitCode = await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.exitCode = report(error);
}

async function run(options: Options): Promise<number> {
  switch (options.command) {
    case "help":
      process.stdout.write(`${USAGE}\n`);
      return 0;
    case "version":
      process.stdout.write(`${AGENT_VERSION}\n`);
      return 0;
    case "stop":
      return stop(await findWhereabouts(options));
    case "install-service":
      return installService(options);
    case "uninstall-service":
      return uninstallService(options);
    case "serve":
      return serve(options);
  }
}

/** Ends the apps of a data root: through its agent when one runs (SIGUSR2), directly when none does. */
async function stop(where: Whereabouts): Promise<number> {
  const root = dataRootAt(where.data);
  const pid = await lockHolder(root);
  if (pid === undefined) {
    await endApps(where);
    process.stdout.write("Every app of this node has ended.\n");
    return 0;
  }
  process.kill(pid, "SIGUSR2");
  for (const limit = Date.now() + STOP_LIMIT_MS; Date.now() < limit; await sleep(100)) {
    if ((await lockHolder(root)) === undefined) {
      process.stdout.write("The agent and every app of this node have ended.\n");
      return 0;
    }
  }
  process.stderr.write(`The agent (pid ${pid}) did not end within ${STOP_LIMIT_MS / 1000} s.\n`);
  return 1;
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`worker-agent: ${error.message}\n`);
    return WRONG_USAGE;
  }
  if (error instanceof JoinRefused || error instanceof AlreadyRunning || error instanceof ServiceRefused) {
    process.stderr.write(`worker-agent: ${error.message}\n`);
    return 1;
  }
  process.stderr.write(`worker-agent: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
