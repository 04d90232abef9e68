/** The agent's own record of an instance, and of what the control plane last wanted: what survives a restart. */
import { ControlDesired } from "@roundhouse/protocol/messages";
import { DesiredInstance, Reason } from "@roundhouse/protocol/instance";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { DataRoot } from "../host/data-root.ts";
import { readRecord, whenMissing, writeDurably } from "../keeper/durable-file.ts";

const STATE_FILE = "state.json";
const DESIRED_FILE = "desired.json";

/** The part of `control.desired` that instances go by. */
const Wishes = ControlDesired.pick({ type: true, portPool: true, instances: true });
export type Wishes = z.infer<typeof Wishes>;

/** How things stand while no keeper runs the instance. */
export const Outcome = z.discriminatedUnion("kind", [
  /** Never launched, or ended as wished; `reason` says what of it could not be ended. */
  z.object({ kind: z.literal("stopped"), reason: Reason.optional() }),
  /** It was wanted, and its keeper is gone: reboot, or the agent was ended with its apps. */
  z.object({ kind: z.literal("lapsed") }),
  /** As `lapsed`, of an instance that starts by itself. */
  z.object({ kind: z.literal("revive") }),
  z.object({
    kind: z.literal("failed"),
    reason: Reason,
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    /** When it is launched again, as milliseconds of Unix time; null for never. */
    restartAtMs: z.number().nullable(),
  }),
]);
export type Outcome = z.infer<typeof Outcome>;

export const InstanceState = z.object({
  version: z.literal(1),
  /** As it was last wanted; what an instance that the control plane forgot is known by. */
  desired: DesiredInstance,
  /** Kept from launch to launch as long as it is free. */
  port: z.int().nullable(),
  /** Its other ports by name, with the numbers of the last launch. */
  namedPorts: z.array(z.object({ name: z.string(), port: z.int() })).default([]),
  /** Whether the folder of its name was made for it: only then is it removed with it. */
  ownsFolder: z.boolean(),
  /** The blueprint that its own script was last made from; null where an older agent made it. */
  scriptDigest: z.string().nullable().default(null),
  /** Of the wish's `rebuilds` and `resets`, the last ones that are done. */
  rebuilt: z.int().default(0),
  reset: z.int().default(0),
  /** Whether its folder was made from its origin. An older agent knew of none. */
  made: z.boolean().default(false),
  /** Why that failed, and in which epoch: it is tried again in another one. */
  unmade: z.object({ epoch: z.int(), reason: Reason }).nullable().default(null),
  launchedEpoch: z.int().nullable(),
  /** Launches so far; the last one's number. */
  launch: z.int(),
  /** True from the beginning of a launch until its end was seen. */
  inFlight: z.boolean(),
  /** When the launch in flight, or the last one, first answered. */
  readyAt: z.iso.datetime().nullable(),
  /** Whether any launch ever answered: until then the status is `installing`. */
  everStarted: z.boolean(),
  /** Automatic restarts without a good minute between them. */
  restartsInRow: z.int(),
  /** When the first of the failures in this row was; null before any. */
  failingSince: z.iso.datetime().nullable().default(null),
  outcome: Outcome,
});
export type InstanceState = z.infer<typeof InstanceState>;

export function newState(desired: DesiredInstance): InstanceState {
  return {
    version: 1,
    desired,
    port: null,
    namedPorts: [],
    ownsFolder: false,
    scriptDigest: null,
    rebuilt: desired.rebuilds,
    reset: desired.resets,
    made: false,
    unmade: null,
    launchedEpoch: null,
    launch: 0,
    inFlight: false,
    readyAt: null,
    everStarted: false,
    restartsInRow: 0,
    failingSince: null,
    outcome: { kind: "stopped" },
  };
}

/** What is kept of a launch before anything runs. */
export function begunLaunch(state: InstanceState, instance: DesiredInstance, launch: number): Partial<InstanceState> {
  const { epoch, parent, blueprint, rebuilds } = instance;
  // A launch that somebody asked for begins a row of failures anew.
  const restartsInRow = epoch === state.launchedEpoch ? state.restartsInRow : 0;
  const begun = { launch, launchedEpoch: epoch, inFlight: true, readyAt: null, restartsInRow };
  const own = parent === null ? { scriptDigest: blueprint.digest, rebuilt: rebuilds } : {};
  return { ...begun, ...own, outcome: { kind: "stopped" } };
}

/** A control plane whose database went back counts from there again: that asks for nothing to be made anew. */
export function notAhead({ rebuilt, reset }: InstanceState, wish: DesiredInstance): Partial<InstanceState> {
  return { rebuilt: Math.min(rebuilt, wish.rebuilds), reset: Math.min(reset, wish.resets) };
}

/** Paths of one instance below the state folder. */
export function statePaths(root: DataRoot, id: string) {
  // The id comes over the link: it names a folder here and must not lead out of it.
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new Error(`not an instance id: ${JSON.stringify(id)}`);
  const dir = join(root.stateDir, id);
  return { dir, logDir: join(dir, "logs"), stateFile: join(dir, STATE_FILE) };
}

export async function saveState(root: DataRoot, state: InstanceState): Promise<void> {
  const { dir, stateFile } = statePaths(root, state.desired.id);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeDurably(stateFile, state);
}

/** Every instance that has a record here. */
export async function loadStates(root: DataRoot): Promise<InstanceState[]> {
  const entries = (await readdir(root.stateDir, { withFileTypes: true }).catch(whenMissing)) ?? [];
  const folders = entries.filter((entry) => entry.isDirectory());
  const states = folders.map((entry) => readRecord(join(root.stateDir, entry.name, STATE_FILE), InstanceState));
  return (await Promise.all(states)).filter((state) => state !== undefined);
}

export async function saveDesired(root: DataRoot, message: Wishes): Promise<void> {
  await writeDurably(join(root.stateDir, DESIRED_FILE), message);
}

export async function loadDesired(root: DataRoot): Promise<Wishes | undefined> {
  return readRecord(join(root.stateDir, DESIRED_FILE), Wishes);
}
