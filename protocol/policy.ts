/** What tools may do on a node: rules, the ceiling above them, and which decision holds for a call. Both sides ask the same function. */
import * as z from "zod";

export const Decision = z.enum(["allow", "ask", "deny"]);
export type Decision = z.infer<typeof Decision>;

/**
 * `tool` is a name, or a pattern in which `*` stands for any characters. `where` names arguments and patterns for their
 * values (text as it is, everything else as JSON); all of them must match.
 */
export const PolicyRule = z.object({
  tool: z.string().min(1).max(100),
  where: z.record(z.string(), z.string().max(1000)).optional(),
  decision: Decision,
});
export type PolicyRule = z.infer<typeof PolicyRule>;

/** The first rule that matches decides, else the default. `execCommand: false` denies `exec_command` whatever rules say. */
export const Policy = z
  .object({ default: Decision, execCommand: z.boolean(), rules: z.array(PolicyRule).max(200) })
  .meta({ id: "Policy" });
export type Policy = z.infer<typeof Policy>;

export type PolicyCall = { tool: string; arguments: Readonly<Record<string, unknown>> };

const OPENNESS: Readonly<Record<Decision, number>> = { deny: 0, ask: 1, allow: 2 };

/** The narrower of two decisions. */
export function narrower(one: Decision, other: Decision): Decision {
  return OPENNESS[one] <= OPENNESS[other] ? one : other;
}

/** Whether `one` lets more through than `other`. */
export function isWider(one: Decision, other: Decision): boolean {
  return OPENNESS[one] > OPENNESS[other];
}

/** What a policy says of a call, under the ceiling of its node (null: none). */
export function decide(policy: Policy, ceiling: Policy | null, call: PolicyCall): Decision {
  const wished = decideAlone(policy, call);
  return ceiling === null ? wished : narrower(wished, decideAlone(ceiling, call));
}

function decideAlone(policy: Policy, call: PolicyCall): Decision {
  if (call.tool === "exec_command" && !policy.execCommand) return "deny";
  return policy.rules.find((rule) => matches(rule, call))?.decision ?? policy.default;
}

function matches({ tool, where = {} }: PolicyRule, call: PolicyCall): boolean {
  if (!patternOf(tool).test(call.tool)) return false;
  return Object.entries(where).every(([name, pattern]) => {
    const value = call.arguments[name];
    return value !== undefined && patternOf(pattern).test(typeof value === "string" ? value : JSON.stringify(value));
  });
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^]*")}$`);
}
