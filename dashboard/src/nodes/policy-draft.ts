/** A node's tool policy as its form has it: the arguments of a rule are rows until they are sent. */
import type { Decision, Policy } from "@roundhouse/protocol/policy";

type ArgumentRow = { name: string; pattern: string };
export type RuleDraft = { tool: string; decision: Decision; where: readonly ArgumentRow[] };
export type PolicyDraft = Omit<Policy, "rules"> & { rules: readonly RuleDraft[] };

export function policyDraft(policy: Policy): PolicyDraft {
  const rules = policy.rules.map(({ tool, decision, where = {} }) => ({
    ...{ tool, decision },
    where: Object.entries(where).map(([name, pattern]) => ({ name, pattern })),
  }));
  return { ...policy, rules };
}

/** Rows without an argument's name say nothing and are left out. */
export function policyOf(draft: PolicyDraft): Policy {
  const rules = draft.rules.map(({ tool, decision, where }) => {
    const rows = where.filter(({ name }) => name.trim() !== "").map(({ name, pattern }) => [name.trim(), pattern]);
    const patterns = Object.fromEntries(rows) as Record<string, string>;
    return rows.length === 0 ? { tool, decision } : { tool, decision, where: patterns };
  });
  return { default: draft.default, execCommand: draft.execCommand, rules };
}

/** `list` with its item at `from` moved to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list[from];
  if (item === undefined || to < 0 || to >= list.length) return [...list];
  const others = list.filter((_, index) => index !== from);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

const DEFAULT_WORDS: Readonly<Record<Decision, string>> = {
  allow: "jobs may use tools",
  ask: "tools ask first",
  deny: "no tools for jobs",
};

/** In a line: `tools ask first, programs off, 2 rules`. */
export function policyWords({ default: byDefault, execCommand, rules }: Policy): string {
  const count = rules.length === 0 ? [] : [rules.length === 1 ? "1 rule" : `${rules.length} rules`];
  return [DEFAULT_WORDS[byDefault], `programs ${execCommand ? "on" : "off"}`, ...count].join(", ");
}
