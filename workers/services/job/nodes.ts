/** The nodes that a job names: by id, by name, or by a label that some carry. */
import type { Database } from "../../db/database.ts";
import { nodes } from "../../db/nodes.ts";
import { ServiceError } from "../error.ts";

export type NodeNames = { id: string; name: string; labels: Record<string, string> }[];

const LABEL = /^label:([^=\s]+)=(.*)$/s;

export function readNodeNames(db: Database): Promise<NodeNames> {
  return db.select({ id: nodes.id, name: nodes.name, labels: nodes.labels }).from(nodes);
}

/** Ids in place of names, each once: a name may change. Labels stay: what they stand for is asked at each run. Throws `unknown_node`. */
export function resolveNodes(references: readonly string[], pool: NodeNames): string[] {
  return [...new Set(references.map((reference) => resolve(reference, pool)))];
}

function resolve(reference: string, pool: NodeNames): string {
  if (LABEL.test(reference)) return reference;
  if (reference.startsWith("label:")) {
    throw new ServiceError("invalid_input", `nodes: ${JSON.stringify(reference)} is no label.`, {
      hint: "Write it as label:<key>=<value>, such as label:gpu=a100.",
    });
  }
  const found = pool.find(({ id }) => id === reference) ?? pool.find((node) => isMeant(node, reference));
  if (found) return found.id;
  throw new ServiceError("unknown_node", `nodes: there is no node ${JSON.stringify(reference)}.`, {
    hint: "Give ids or names of nodes from GET /api/nodes, or label:<key>=<value>.",
  });
}

export function warningsOf(references: readonly string[], pool: NodeNames): string[] {
  return references.filter((reference) => !pool.some((node) => isMeant(node, reference))).map(warn);
}

/** Whether a reference means this node: by its id, its name in any case, or a label that it carries. */
export function isMeant({ id, name, labels }: NodeNames[number], reference: string): boolean {
  const [, key, value] = LABEL.exec(reference) ?? [];
  if (key === undefined) return id === reference || name.toLowerCase() === reference.toLowerCase();
  return Object.hasOwn(labels, key) && labels[key] === value;
}

function warn(reference: string): string {
  const label = LABEL.test(reference) ? reference.slice("label:".length) : undefined;
  if (label !== undefined) return `nodes: no node carries the label ${label} now.`;
  return `nodes: the node ${reference} is no longer in the pool.`;
}
