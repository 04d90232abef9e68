/** The rows of the table: families in the chosen order, and which of their members show. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { stored } from "../parts/stored.ts";
import { type Family, groupFamilies, orderFamilies } from "./families.ts";
import { filterInstances, type Group, sortInstances, type SortKey } from "./rows.ts";

export const sortKey = stored<SortKey>("roundhouse.sort", "created");
export const sortDescending = stored<boolean>("roundhouse.sort.descending", false);

const SEPARATOR = ",";
const orderedIds = stored<string>("roundhouse.order", "");
const collapsedIds = stored<string>("roundhouse.collapsed", "");
export const collapsed = computed<ReadonlySet<string>>(() => new Set(collapsedIds.value.split(SEPARATOR)));

/** Remembers an order of families, and sorts by it. */
export function setOrder(ids: readonly string[]): void {
  orderedIds.value = ids.join(SEPARATOR);
  sortDescending.value = false;
  sortKey.value = "mine";
}

export function toggleFamily(id: string, collapse = !collapsed.value.has(id)): void {
  const ids = new Set(collapsed.value);
  if (collapse) ids.add(id);
  else ids.delete(id);
  collapsedIds.value = [...ids].join(SEPARATOR);
}

type Rows = { families: readonly Family[]; rows: readonly Instance[]; shown: ReadonlySet<string> };

/** A search looks into collapsed families too. */
export function useRows(data: readonly Instance[], nodes: ReadonlyMap<string, Node>, text: string, group: Group): Rows {
  const sorting = { key: sortKey.value, descending: sortDescending.value };
  const order = orderedIds.value;
  const closed = collapsed.value;
  const families = useMemo(() => {
    const sorted = groupFamilies(sortInstances(data, nodes, sorting));
    return sorting.key === "mine" ? orderFamilies(sorted, order.split(SEPARATOR)) : sorted;
  }, [data, nodes, sorting.key, sorting.descending, order]);
  const rows = useMemo(() => {
    const all = families.flatMap(({ members }) => members);
    const isFolded = ({ parent }: Instance): boolean => text === "" && parent !== null && closed.has(parent);
    return filterInstances(all, nodes, text, group).filter((row) => !isFolded(row));
  }, [families, nodes, text, group, closed]);
  const shown = useMemo(() => new Set(rows.map((row) => row.id)), [rows]);
  return { families, rows, shown };
}
