/** What tools may do on a node: rules, the ceiling above them, and which decision holds for a call. Both sides ask the same function. */
import * as z from "zod";
import { matchesPattern } from "./pattern.ts";

export const Decision = z.enum(["allow", "ask", "deny"]);
export type Decision = z.infer<typeof Decision>;

const TOOL_RULE = "a tool's name, or a pattern such as *_file or filesystem/*; at most 250 characters";
/**
 * `tool` is a name, or a pattern in which `*` stands for any characters. `where` names arguments and patterns for their
 * values (text as it is, everything else as JSON); all of them must match.
 */
export const PolicyRule = z.object({
  tool: z.string().min(1, TOOL_RULE).max(250, TOOL_RULE),
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

/** Whether `one` lets more through than `other`. */
export function isWider(one: Decision, other: Decision): boolean {
  return OPENNESS[one] > OPENNESS[other];
}

/** A decision, and in words which line of the policy or the ceiling made it. */
export type Verdict = { decision: Decision; because: string };

/** What a policy says of a call, under the ceiling of its node (null: none). The arguments are those with defaults filled in. */
export function decide(policy: Policy, ceiling: Policy | null, call: PolicyCall): Decision {
  return judge(policy, ceiling, call).decision;
}

/** The same with its reason. */
export function judge(policy: Policy, ceiling: Policy | null, call: PolicyCall): Verdict {
  const wished = judgeAlone("the node's policy", policy, call);
  if (ceiling === null) return wished;
  const most = judgeAlone("the ceiling that the node was joined with", ceiling, call);
  return isWider(wished.decision, most.decision) ? most : wished;
}

function judgeAlone(whose: string, policy: Policy, call: PolicyCall): Verdict {
  if (call.tool === "exec_command" && !policy.execCommand) {
    return { decision: "deny", because: `${whose} has exec_command switched off` };
  }
  const index = decidingRule(policy, call);
  const rule = policy.rules[index];
  if (!rule) return { decision: policy.default, because: `${whose} says "${policy.default}" to what no rule names` };
  const { tool, where } = rule;
  const named = `rule ${index + 1} of ${whose}, for ${JSON.stringify(where ? { tool, where } : { tool })}`;
  return { decision: rule.decision, because: `${named}, says "${rule.decision}"` };
}

/** The index of the rule that decides about a call; -1 where the default does. */
export function decidingRule({ rules }: Policy, call: PolicyCall): number {
  return rules.findIndex((one) => matches(one, call));
}

function matches({ tool, where = {} }: PolicyRule, call: PolicyCall): boolean {
  if (!matchesPattern(tool, call.tool)) return false;
  return Object.entries(where).every(([name, pattern]) => {
    const value = call.arguments[name];
    return value !== undefined && matchesPattern(pattern, typeof value === "string" ? value : JSON.stringify(value));
  });
}
