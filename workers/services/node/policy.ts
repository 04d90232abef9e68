/** Policies and ceilings: a node's owner may cap at join what the control plane can ever allow. */
import type { Policy } from "@roundhouse/protocol/api/node";
import { ServiceError } from "../error.ts";

type Decision = Policy["default"];
const OPENNESS: Record<Decision, number> = { deny: 0, ask: 1, allow: 2 };

/** What a node starts with when its owner said nothing: a person is asked, and no shell commands. */
const CAUTIOUS: Policy = { default: "ask", execCommand: false, rules: [] };

export function initialPolicy(ceiling: Policy | undefined): Policy {
  if (!ceiling) return CAUTIOUS;
  const isDefaultWider = OPENNESS[CAUTIOUS.default] > OPENNESS[ceiling.default];
  // The ceiling's own rules come along, since the default alone could be wider than one of them.
  const rules = ceiling.rules.filter((rule) => OPENNESS[rule.decision] < OPENNESS[CAUTIOUS.default]);
  return { default: isDefaultWider ? ceiling.default : CAUTIOUS.default, execCommand: false, rules };
}

/** Throws `forbidden` when the policy would allow something its ceiling does not. */
export function checkCeiling(policy: Policy, ceiling: Policy | null): void {
  if (!ceiling) return;
  const widened = findWidened(policy, ceiling);
  if (widened === undefined) return;
  throw new ServiceError("forbidden", `policy: ${widened} is wider than the ceiling this node was joined with.`, {
    hint: "A ceiling can only be narrowed here. Its owner can raise it by joining the node again.",
    details: { ceiling },
  });
}

function findWidened(policy: Policy, ceiling: Policy): string | undefined {
  if (OPENNESS[policy.default] > OPENNESS[ceiling.default]) return `default ${policy.default}`;
  if (policy.execCommand && !ceiling.execCommand) return "execCommand true";
  const tools = [...policy.rules, ...ceiling.rules].map((rule) => rule.tool);
  const tool = tools.find((name) => OPENNESS[decide(policy, name)] > OPENNESS[decide(ceiling, name)]);
  return tool === undefined ? undefined : `${decide(policy, tool)} for ${JSON.stringify(tool)}`;
}

/** The first rule that names the tool decides. */
function decide({ rules, default: otherwise }: Policy, tool: string): Decision {
  return rules.find((rule) => rule.tool === tool)?.decision ?? otherwise;
}
