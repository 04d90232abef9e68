/** Policies and ceilings: a node's owner may cap at join what the control plane can ever allow. */
import { type Decision, decide, isWider, type Policy, type PolicyCall } from "@roundhouse/protocol/policy";
import { ServiceError } from "../error.ts";

/** What a node starts with when its owner said nothing: a person is asked, and no shell commands. */
const CAUTIOUS: Policy = { default: "ask", execCommand: false, rules: [] };

export function initialPolicy(ceiling: Policy | undefined): Policy {
  if (!ceiling) return CAUTIOUS;
  const isDefaultWider = isWider(CAUTIOUS.default, ceiling.default);
  // The ceiling's own rules come along, since the default alone could be wider than one of them.
  const rules = ceiling.rules.filter((rule) => isWider(CAUTIOUS.default, rule.decision));
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
  if (isWider(policy.default, ceiling.default)) return `default ${policy.default}`;
  if (policy.execCommand && !ceiling.execCommand) return "execCommand true";
  // Rules that look at arguments cannot be compared here; the node holds each call to both (SPEC TC2).
  const plain = [...policy.rules, ...ceiling.rules].filter(({ where }) => where === undefined);
  const wider = plain
    .map(({ tool }) => ({ tool, arguments: {} }))
    .find((call) => isWider(...both(policy, ceiling, call)));
  return wider && `${decide(policy, null, wider)} for ${JSON.stringify(wider.tool)}`;
}

function both(policy: Policy, ceiling: Policy, call: PolicyCall): [Decision, Decision] {
  return [decide(policy, null, call), decide(ceiling, null, call)];
}
