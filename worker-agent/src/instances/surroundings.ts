/** Where a person's shell of an instance starts, and what its environment is: that of the app. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { AppUser, LaunchPlan } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import { parentOf, runtimeFor, type Runtimes } from "./launch.ts";
import { portVariables } from "./named-ports.ts";
import type { InstanceState } from "./state-file.ts";

type Around = { root: DataRoot; runtimes: Runtimes; user: AppUser | null; desired: () => Iterable<DesiredInstance> };

/** Throws `LaunchError` when the node cannot run its kind, or its parent is missing. */
export async function surroundingsOf(
  { root, runtimes, user, desired }: Around,
  instance: DesiredInstance,
  state: InstanceState,
): Promise<Pick<LaunchPlan, "cwd" | "env">> {
  const input = { instance, parent: parentOf(instance, desired()), root, user, port: state.port ?? 0 };
  const found = await runtimeFor(runtimes, instance).surroundings(input);
  return { ...found, env: { ...portVariables(state.desired.ports, state.namedPorts), ...found.env } };
}
