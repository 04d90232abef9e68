/** What the owner of a machine lets tools do on it at most, as said on the command line; kept with the node's identity. */
import type { Decision, Policy } from "@roundhouse/protocol/policy";

/** Undefined where neither option is given: then nothing is capped. */
export function ceilingFrom(policy: Decision | undefined, noExec: boolean): Policy | undefined {
  if (policy === undefined && !noExec) return undefined;
  return { default: policy ?? "allow", execCommand: !noExec, rules: [] };
}

export function describeCeiling({ default: most, execCommand }: Policy): string {
  const words = { allow: "tools may be allowed here", ask: "tools ask a person here", deny: "no tool runs here" }[most];
  return `ceiling of this node: ${words}${execCommand || most === "deny" ? "" : ", and no programs are run by them"}`;
}
