/** Where a blueprint can be installed, and why not elsewhere. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { BlueprintNeeds } from "@roundhouse/protocol/blueprint";
import { lacksOf } from "@roundhouse/protocol/needs";

export type NodeChoice = {
  node: Node;
  /** Why it cannot be chosen: a word or two, and whole reasons where there is more to say. */
  why: { short: string; reasons: string[] } | undefined;
};

/** The possible ones first. */
export function nodeChoices(nodes: readonly Node[], needs: BlueprintNeeds): NodeChoice[] {
  const choices = nodes.map((node) => ({ node, why: whyNot(node, needs) }));
  return [...choices.filter(({ why }) => why === undefined), ...choices.filter(({ why }) => why !== undefined)];
}

function whyNot({ status, facts }: Node, needs: BlueprintNeeds): NodeChoice["why"] {
  if (status !== "online") return { short: "offline", reasons: [] };
  const lacks = facts === null ? [] : lacksOf(needs, facts);
  if (lacks.length === 0) return undefined;
  return { short: "does not fit", reasons: lacks.map(({ wanted, found }) => `It needs ${wanted}; ${found}.`) };
}
