/** Which instances the table shows, and in which order. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { InstanceStatus } from "@roundhouse/protocol/instance";

/** What the table says: the observed status, or that it is being deleted. */
export type ShownStatus = InstanceStatus | "deleting";
export const GROUPS = ["all", "running", "problem", "busy", "stopped"] as const;
export type Group = (typeof GROUPS)[number];
/** `mine`: as this person dragged the families. */
export type SortKey = "status" | "name" | "blueprint" | "node" | "disk" | "created" | "mine";
export type Sorting = { key: SortKey; descending: boolean };

const GROUP_OF: Readonly<Record<ShownStatus, Exclude<Group, "all">>> = {
  started: "running",
  installing: "busy",
  starting: "busy",
  stopping: "busy",
  deleting: "busy",
  stopped: "stopped",
  stalled: "problem",
  error: "problem",
  unreachable: "problem",
};

export function shownStatus(instance: Instance): ShownStatus {
  return instance.desired === "deleted" ? "deleting" : instance.status;
}

export function groupOf(instance: Instance): Exclude<Group, "all"> {
  return GROUP_OF[shownStatus(instance)];
}

export function countGroups(instances: readonly Instance[]): Record<Group, number> {
  const counts: Record<Group, number> = { all: instances.length, running: 0, busy: 0, stopped: 0, problem: 0 };
  for (const instance of instances) counts[groupOf(instance)] += 1;
  return counts;
}

/** Every word of `text` must occur somewhere in the row. */
export function filterInstances(
  instances: readonly Instance[],
  nodes: ReadonlyMap<string, Node>,
  text: string,
  group: Group,
): Instance[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return instances.filter((instance) => {
    if (group !== "all" && groupOf(instance) !== group) return false;
    const row = [
      instance.name,
      instance.slug,
      instance.blueprint,
      nodes.get(instance.node)?.name,
      shownStatus(instance),
      instance.port,
    ]
      .join(" ")
      .toLowerCase();
    return words.every((word) => row.includes(word));
  });
}

/** Sorted, with satellites directly below their root. */
export function sortInstances(
  instances: readonly Instance[],
  nodes: ReadonlyMap<string, Node>,
  sorting: Sorting,
): Instance[] {
  const sign = sorting.descending ? -1 : 1;
  const sorted = instances.toSorted((a, b) => {
    const left = sortValue(a, nodes, sorting.key);
    const right = sortValue(b, nodes, sorting.key);
    if (left !== right) return (left < right ? -1 : 1) * sign;
    return a.createdAt < b.createdAt ? -1 : 1;
  });
  const shown = new Set(sorted.map((instance) => instance.id));
  const roots = sorted.filter((instance) => instance.parent === null || !shown.has(instance.parent));
  return roots.flatMap((root) => [root, ...sorted.filter((instance) => instance.parent === root.id)]);
}

const STATUS_ORDER: readonly ShownStatus[] = [
  "error",
  "stalled",
  "unreachable",
  "installing",
  "starting",
  "stopping",
  "deleting",
  "started",
  "stopped",
];

function sortValue(instance: Instance, nodes: ReadonlyMap<string, Node>, key: SortKey): string | number {
  switch (key) {
    case "status":
      return STATUS_ORDER.indexOf(shownStatus(instance));
    case "name":
      return instance.name.toLowerCase();
    case "blueprint":
      return instance.blueprint;
    case "node":
      return nodes.get(instance.node)?.name.toLowerCase() ?? "";
    case "disk":
      return instance.diskBytes ?? -1;
    case "created":
    case "mine":
      return instance.createdAt;
  }
}
