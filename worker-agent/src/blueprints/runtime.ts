/** The one interface of the blueprint runtimes (bash, later pinokio, aikit, container). */
import type { BlueprintKind, DesiredInstance } from "@roundhouse/protocol/instance";
import type { ReasonCode } from "@roundhouse/protocol/reasons";
import type { Command, FolderView } from "../host/views.ts";
import type { DataRoot } from "../host/data-root.ts";

/** What a keeper runs. */
export type LaunchPlan = {
  command: string;
  args: string[];
  cwd: string;
  /** The whole environment of the process; nothing is inherited beside it. */
  env: Record<string, string>;
  /** What the process sees elsewhere than it is. */
  view?: FolderView;
  /** The program is the agent's own and runs as its user. */
  asAgent?: boolean;
  /** The program hands the instance's variables on itself: it gets the secret ones under names that begin with this. */
  secretPrefix?: string;
  /** When the app counts as started: its port answers HTTP (the default), or is listened on. */
  ready?: Readiness;
};

export type Readiness = "http" | "listening";

export type Family = {
  instance: DesiredInstance;
  /** The parent, when `instance` is a satellite. */
  parent: DesiredInstance | null;
};

export type PrepareInput = Family & {
  root: DataRoot;
  port: number;
  namedPorts: readonly { name: string; port: number }[];
  /** Counts the launches of the instance. */
  launch: number;
  /** Source of the blueprint; needed when the instance has no script of its own yet, or one of another blueprint, else null. */
  source: string | null;
  /** The script that is there came from another blueprint: it is kept beside the new one. */
  replacesScript: boolean;
  /** The environment is to be made anew. */
  rebuilds: boolean;
  /** Whether a process can be given a view of its own. */
  hasViews: boolean;
  /** The user that instances run under, or null when it is the agent's own. */
  user: AppUser | null;
};

export type AppUser = { uid: number; gid: number };

export type RuntimeSurroundings = Pick<LaunchPlan, "cwd" | "env" | "view" | "asAgent"> & {
  /** Where a shell of it is elsewhere than on this host: what to run in place of one. */
  shell?: Command;
};

export type BlueprintRuntime = {
  kind: BlueprintKind;
  /** Whether `prepare` will need the blueprint's source (no script of the instance on disk yet). */
  needsSource(input: Family & { root: DataRoot }): Promise<boolean>;
  /** Makes folders and generated files and says what to run. Safe to repeat. Throws `LaunchError` for what a person must mend. */
  prepare(input: PrepareInput): Promise<LaunchPlan>;
  /** Where a person's shell of an installed instance starts: the folder, the app's environment, activated, and its view. */
  surroundings(
    input: Pick<PrepareInput, keyof Family | "root" | "port" | "user" | "hasViews">,
  ): Promise<RuntimeSurroundings>;
};

/** A launch that cannot work as things are; shown as the instance's `reason`. */
export class LaunchError extends Error {
  readonly code: ReasonCode;
  readonly hint: string | undefined;
  constructor(code: ReasonCode, message: string, hint?: string) {
    super(message);
    this.name = "LaunchError";
    this.code = code;
    this.hint = hint;
  }
}
