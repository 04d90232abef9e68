/** Which nodes a job names: single ones, and all that carry a label. */
import type { Node } from "@roundhouse/protocol/api/node";

const LABEL = "label:";

/** `label:<key>=<value>` of every label that some node carries, each once. */
export function labelRefs(nodes: readonly Node[]): string[] {
  const all = nodes.flatMap(({ labels }) => Object.entries(labels).map(([key, value]) => `${LABEL}${key}=${value}`));
  return [...new Set(all)].toSorted();
}

/** By id or by name, as the API takes it. */
export function namesNode(ref: string, node: Node): boolean {
  return ref === node.id || ref === node.name;
}

/** Named by the job, but nobody here: removed nodes, and labels that no node carries. */
export function lostRefs(refs: readonly string[], nodes: readonly Node[]): string[] {
  const labels = labelRefs(nodes);
  return refs.filter((ref) => !labels.includes(ref) && !nodes.some((node) => namesNode(ref, node)));
}

/** The nodes that a run would reach. */
export function reachedNodes(refs: readonly string[], nodes: readonly Node[]): Node[] {
  return nodes.filter((node) => refs.some((ref) => namesNode(ref, node) || labelRefs([node]).includes(ref)));
}

/** `label:gpu=a100` → `all with gpu=a100`. */
export function refWords(ref: string, nodes: readonly Node[]): string {
  if (ref.startsWith(LABEL)) return `all with ${ref.slice(LABEL.length)}`;
  return nodes.find((node) => namesNode(ref, node))?.name ?? ref;
}
