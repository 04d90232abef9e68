/** What a keeper is told to run, and what it leaves on disk about it. */
import * as z from "zod";

const Common = z.object({
  /** The instance's or the effect's id. */
  id: z.string(),
  /** Where the keeper puts its records. */
  dir: z.string(),
  logDir: z.string(),
  socket: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  /** The environment of the child, all of it but secrets. */
  env: z.record(z.string(), z.string()),
  /** Variables whose values come by the keeper's standard input, and are never on disk (SPEC EV3). */
  secretEnv: z.array(z.string()).default([]),
  user: z.object({ uid: z.int(), gid: z.int() }).nullable(),
  /** The command changes to that user itself, after what only root may do. */
  changesUser: z.boolean().default(false),
  /** What the child's environment says, so that its strays can be recognised (host/processes.ts). */
  marker: z.object({ confDir: z.string(), port: z.int() }),
  stopGraceMs: z.int().min(0),
});

/** A long-running app. The keeper takes the job by renaming the spec file, so that only one ever runs a launch. */
export const InstanceSpec = Common.extend({
  kind: z.literal("instance"),
  epoch: z.int(),
  /** When it counts as started. */
  ready: z.enum(["http", "listening"]).default("http"),
  /** Counts the launches of this instance, relaunches within an epoch included. */
  launch: z.int(),
});
export type InstanceSpec = z.infer<typeof InstanceSpec>;

/** One call with an effect. The keeper takes the job by making `dir`, which must not exist: an id never runs twice. */
export const EffectSpec = Common.extend({
  kind: z.literal("effect"),
  timeLimitMs: z.int().positive().nullable(),
  /** Which call it is; the digest tells another call under the same id. */
  call: z.object({ tool: z.string(), digest: z.string() }),
  /** What the child reads from its standard input; null: nothing. */
  input: z.string().nullable(),
});
export type EffectSpec = z.infer<typeof EffectSpec>;

export const KeeperSpec = z.discriminatedUnion("kind", [InstanceSpec, EffectSpec]);
export type KeeperSpec = z.infer<typeof KeeperSpec>;

export const KEEPER_RECORD = "keeper.json";
export const EXIT_RECORD = "exit.json";

/** `keeper.json`: who runs it. Written before the child starts (its fields null) and again once it has. */
export const KeeperRecord = z.object({
  version: z.literal(1),
  /** Changes with every boot of the host: process numbers of another boot mean nothing. */
  bootId: z.string(),
  keeperPid: z.int(),
  keeperStartTime: z.int(),
  child: z.object({ pid: z.int(), startTime: z.int(), pgid: z.int() }).nullable(),
  marker: Common.shape.marker,
  socket: z.string(),
  /** null for an effect. */
  epoch: z.int().nullable(),
  launch: z.int().nullable(),
  ready: InstanceSpec.shape.ready,
  startedAt: z.iso.datetime(),
});
export type KeeperRecord = z.infer<typeof KeeperRecord>;

/** Who asked for the end: a wish, the end of the agent with its apps, or a watch that saw the app gone. */
export const StopCause = z.enum(["stop", "shutdown", "app_gone"]);
export type StopCause = z.infer<typeof StopCause>;

/** `exit.json`: how it ended. */
export const ExitRecord = z.object({
  version: z.literal(1),
  epoch: z.int().nullable(),
  launch: z.int().nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  endedAt: z.iso.datetime(),
  /** `time_limit`: an effect took longer than it may. */
  endedBy: z.enum(["itself", ...StopCause.options, "time_limit"]),
  /** Whether the kernel's counter of processes killed for memory rose while this one ran; null where it does not tell. */
  outOfMemory: z.boolean().nullable(),
  /** Why the command could not be started at all. */
  spawnError: z.string().nullable(),
});
export type ExitRecord = z.infer<typeof ExitRecord>;
