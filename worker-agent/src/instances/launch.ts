/** From a wish to a running keeper. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { join } from "node:path";
import { LaunchError, type AppUser, type BlueprintRuntime, type LaunchPlan } from "../blueprints/runtime.ts";
import type { Views } from "../host/views.ts";
import type { DataRoot } from "../host/data-root.ts";
import type { InstanceSpec } from "../keeper/spec.ts";
import { plainVariables } from "@roundhouse/protocol/variables";
import { portVariables } from "./named-ports.ts";
import type { NamedPort } from "./found-ports.ts";
import { folderOf } from "./removal.ts";
import { statePaths } from "./state-file.ts";

const STOP_GRACE_MS = 10_000;

export type Runtimes = Partial<Record<DesiredInstance["blueprint"]["kind"], BlueprintRuntime>>;

/** Throws `LaunchError` when this node cannot run that kind of blueprint. */
export function runtimeFor(runtimes: Runtimes, { blueprint }: DesiredInstance): BlueprintRuntime {
  const runtime = runtimes[blueprint.kind];
  if (runtime) return runtime;
  throw new LaunchError("kind_unsupported", `this node cannot run ${blueprint.kind} blueprints`, "upgrade its agent");
}

/** The parent of a satellite, which must be an instance of this node; null for a root instance. */
export function parentOf(instance: DesiredInstance, all: Iterable<DesiredInstance>): DesiredInstance | null {
  if (instance.parent === null) return null;
  for (const other of all) if (other.id === instance.parent) return other;
  throw new LaunchError("parent_missing", `the instance it belongs to (${instance.parent}) is not on this node`);
}

/** What the keeper is told. The marker variables are added where a runtime did not set them. */
export function specOf(options: {
  root: DataRoot;
  instance: DesiredInstance;
  parent: DesiredInstance | null;
  plan: LaunchPlan;
  port: number;
  namedPorts: readonly NamedPort[];
  /** Names of variables that the keeper gets the values of. */
  secretEnv: string[];
  launch: number;
  user: AppUser | null;
  views: Views | null;
}): InstanceSpec {
  const { root, instance, parent, plan, port, namedPorts, launch, user, views } = options;
  const viewed = plan.view && views?.commandIn(plan.view, plan);
  const { dir, logDir } = statePaths(root, instance.id);
  const confDir = plan.env["INSTANCE_CONF_DIR"] ?? folderOf(root, (parent ?? instance).folder);
  const markedPort = Number(plan.env["WEBUI_PORT"] ?? port);
  return {
    kind: "instance",
    id: instance.id,
    dir,
    logDir,
    socket: join(root.runDir, `${instance.id}-${launch}.sock`),
    command: (viewed ?? plan).command,
    args: (viewed ?? plan).args,
    changesUser: viewed !== undefined,
    cwd: plan.cwd,
    env: {
      ...portVariables(instance.ports, namedPorts),
      ...plan.env,
      ...(plan.secretPrefix === undefined && plainVariables(instance.env)),
      INSTANCE_CONF_DIR: confDir,
      WEBUI_PORT: String(markedPort),
    },
    secretEnv: options.secretEnv,
    user: plan.asAgent ? null : user,
    ready: plan.ready ?? "http",
    marker: { confDir, port: markedPort },
    stopGraceMs: STOP_GRACE_MS,
    epoch: instance.epoch,
    launch,
  };
}

/** Where the spec of a launch waits for its keeper. */
export function specFileOf(root: DataRoot, id: string, launch: number): string {
  return join(statePaths(root, id).dir, `spec-${launch}.json`);
}
