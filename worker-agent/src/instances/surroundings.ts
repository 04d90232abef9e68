/** Where a person's shell of an instance starts, and what its environment is: that of the app. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { plainVariables } from "@roundhouse/protocol/variables";
import type { AppUser, LaunchPlan } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import type { Command, Views } from "../host/views.ts";
import { parentOf, runtimeFor, type Runtimes } from "./launch.ts";
import { portVariables } from "./named-ports.ts";
import type { InstanceState } from "./state-file.ts";

/** What a shell of an instance starts in. `enter` makes a command one that runs in its view of the disk, as the app's user. */
export type Surroundings = Pick<LaunchPlan, "cwd" | "env"> & {
  user: AppUser | null;
  enter?: (command: Command) => Command;
  /** What to run in place of a shell of this host. */
  shell?: Command;
};

type Around = {
  root: DataRoot;
  runtimes: Runtimes;
  user: AppUser | null;
  desired: () => Iterable<DesiredInstance>;
  views: () => Promise<Views | null>;
};

/** Throws `LaunchError` when the node cannot run its kind, or its parent is missing. */
export async function surroundingsOf(
  { root, runtimes, user, desired, views: findViews }: Around,
  instance: DesiredInstance,
  state: InstanceState,
): Promise<Surroundings> {
  const parent = parentOf(instance, desired());
  const views = parent === null ? null : await findViews();
  const input = { instance, parent, root, user, port: state.port ?? 0, hasViews: views !== null };
  const { cwd, env, view, asAgent, shell } = await runtimeFor(runtimes, instance).surroundings(input);
  const ports = portVariables(state.desired.ports, state.namedPorts);
  // Without secrets: what a shell prints is kept and shown to everybody who watches.
  const around = { cwd, user: asAgent ? null : user, env: { ...ports, ...env, ...plainVariables(instance.env) } };
  if (shell) return { ...around, shell };
  return view && views ? { ...around, enter: (command) => views.commandIn(view, command) } : around;
}
