/** Which ports others of this node must leave to an instance. Pure. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { OtherPort } from "./port-choice.ts";
import type { InstanceState } from "./state-file.ts";

export type Claimant = {
  state: InstanceState;
  wish: DesiredInstance | null;
  runs: boolean;
  /** What it listens on beside the port it was given. */
  found: readonly number[];
};

/** Those of its last launch, those it is found on, and those that it is promised. */
export function claimsOf({ state, wish, runs, found }: Claimant): OtherPort[] {
  const held = new Set([state.port, ...state.namedPorts.map((one) => one.port), ...found]);
  const promised = new Set([wish?.port ?? null, ...(wish?.ports ?? []).map((one) => one.port)]);
  const leaves = runs && wish !== null && wish.desired !== "running";
  return [...new Set([...held, ...promised])].flatMap((port) => {
    if (port === null) return [];
    const isHeld = held.has(port);
    return [{ port, name: state.desired.name, runs: isHeld && runs, leaves: isHeld && leaves }];
  });
}
