/** `npm start`: the whole product on one machine. */
import { chmodSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { buildAll } from "../scripts/build.ts";
import { hasJoined, type LocalAgent, superviseAgent } from "./agent.ts";
import { ControlPlane } from "./control-plane.ts";
import { DataInUse, lockData } from "./lock.ts";
import { localBearer, masterKey } from "./master-key.ts";
import { freePort, PortInUse } from "./port.ts";
import { startRuntime } from "./runtime.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";
import { endStaleAgent } from "./stale.ts";

/** How long nodes stay away after a Ctrl-C: about what a start takes. */
const AWAY_MS = 2_000;
const DRAIN_LIMIT_MS = 1_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  await main(readSettings(process.env));
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof DataInUse || error instanceof PortInUse)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

async function main(settings: Settings): Promise<void> {
  const stopAsked = firstSignal();
  makeDataFolder(settings.data);
  const unlock = lockData(settings.data);
  try {
    await buildAll(print);
    await freePort(settings.port);
    await endStaleAgent(join(settings.data, "node"));
    const key = masterKey(settings.data);
    const runtime = await startRuntime(settings, key);
    const control = new ControlPlane(settings.localUrl, localBearer(key));
    const agent = await serve(settings, control);
    const signal = await stopAsked;
    print(`\n${signal}: ending apps, worker agent and control plane …`);
    await Promise.all([agent?.stop(), sendNodesAway(control).then(() => runtime.dispose())]);
    print("Everything has ended.");
  } finally {
    unlock();
  }
}

async function serve(settings: Settings, control: ControlPlane): Promise<LocalAgent | undefined> {
  await control.untilHealthy();
  const link = await control.signInLink();
  print(`\n  Roundhouse is at ${settings.publicUrl}\n`);
  print(`  Sign in (once, within 15 minutes):\n  ${link}\n`);
  if (!settings.localNode) return undefined;
  const token = hasJoined(settings.data, settings.localUrl) ? null : await control.joinToken();
  return superviseAgent({
    data: settings.data,
    url: settings.localUrl,
    token,
    name: hostname() || "local",
    log: (text) => process.stdout.write(text.replaceAll(/^(?=.)/gm, "  agent │ ")),
  });
}

/** Nodes elsewhere know that this is no accident, and wait a little before they dial again. Whoever missed it dials at once. */
async function sendNodesAway(control: ControlPlane): Promise<void> {
  try {
    await control.drain("/api/local/drain", { reconnectAfterMs: AWAY_MS, graceMs: 0 }, DRAIN_LIMIT_MS);
  } catch (error) {
    print(`The nodes could not be told: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Others may pass through (apps run as another user below it), and read nothing but what is given to them. */
function makeDataFolder(data: string): void {
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o711);
  const databases = join(data, "v3");
  mkdirSync(databases, { recursive: true });
  chmodSync(databases, 0o700);
}

/** The first signal ends everything in order; a second one at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      let count = 0;
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(130);
        resolve(signal);
      });
    }
  });
}
