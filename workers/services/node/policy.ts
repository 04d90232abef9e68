/** Policies and ceilings: a node's owner may cap at join what the control plane can ever allow. */
import {
  type Decision,
  decide,
  decidingRule,
  isWider,
  type Policy,
  type PolicyCall,
} from "@roundhouse/protocol/policy";
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

/** Throws `forbidden` when the policy would allow something its ceiling does not; the details name the part that does. */
export function checkCeiling(policy: Policy, ceiling: Policy | null): void {
  if (!ceiling) return;
  const widened = findWidened(policy, ceiling);
  if (widened === undefined) return;
  const message = `${widened.what} is wider than the ceiling this node was joined with.`;
  throw new ServiceError("forbidden", `policy: ${message}`, {
    hint: "A ceiling can only be narrowed here. Its owner can raise it by joining the node again.",
    details: { ceiling, issues: [{ path: ["policy", ...widened.path], message }] },
  });
}

type Widened = { what: string; path: string[] };

function findWidened(policy: Policy, ceiling: Policy): Widened | undefined {
  if (isWider(policy.default, ceiling.default)) return { what: `default ${policy.default}`, path: ["default"] };
  if (policy.execCommand && !ceiling.execCommand) return { what: "execCommand true", path: ["execCommand"] };
  // Rules that look at arguments cannot be compared here; the node holds each call to both (SPEC TC2).
  const plain = [...policy.rules, ...ceiling.rules].filter(({ where }) => where === undefined);
  const wider = plain
    .map(({ tool }) => ({ tool, arguments: {} }))
    .find((call) => isWider(...both(policy, ceiling, call)));
  if (wider === undefined) return undefined;
  const rule = decidingRule(policy, wider);
  return {
    what: `${decide(policy, null, wider)} for ${JSON.stringify(wider.tool)}`,
    path: rule === -1 ? ["default"] : ["rules", String(rule)],
  };
}

function both(policy: Policy, ceiling: Policy, call: PolicyCall): [Decision, Decision] {
  return [decide(policy, null, call), decide(ceiling, null, call)];
}
