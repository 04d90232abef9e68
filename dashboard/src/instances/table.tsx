/** The table of instances: families as groups, cells that are edited in place, one tab stop. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { classes } from "../parts/classes.ts";
import { COLUMN_IDS, type ColumnId, COLUMNS, hiddenColumns } from "./columns.ts";
import type { Family } from "./families.ts";
import { handleGridKey } from "./grid-keys.ts";
import { InstanceRow, type RowVerbs } from "./row.tsx";
import type { SortKey } from "./rows.ts";
import css from "./table.module.css";
import { sortDescending, sortKey } from "./use-rows.ts";

type TableProps = {
  families: readonly Family[];
  /** Those that show, in their order; the others stay in the page, hidden: showing them again is quick. */
  rows: readonly Instance[];
  shown: ReadonlySet<string>;
  nodes: ReadonlyMap<string, Node>;
  selectedId: string | null;
  verbs: RowVerbs;
  onMoveBy: (id: string, step: -1 | 1) => void;
  /** Further groups of rows, at the end. */
  children?: ComponentChildren;
};

export function InstanceTable(props: TableProps) {
  const { families, rows, shown, nodes, selectedId, verbs, onMoveBy, children } = props;
  const tabStop = useSignal<string | undefined>(undefined);
  const shownNow = useSignal(shown);
  useLayoutEffect(() => {
    shownNow.value = shown;
    tabStop.value = selectedId !== null && shown.has(selectedId) ? selectedId : rows[0]?.id;
  }, [selectedId, shown, rows]);
  // The same elements again: choosing and editing render only the rows that it concerns.
  const body = useMemo(
    () =>
      families.map((family, index) => (
        <FamilyRows
          key={family.id}
          {...{ family, nodes, tabStop, verbs }}
          shown={shownNow}
          isFirst={index < FIRST_FAMILIES}
        />
      )),
    [families, nodes, verbs],
  );
  const hidden = [...hiddenColumns.value].map((id) => css[`without_${id}`]);
  return (
    <table
      class={classes(css.table, ...hidden)}
      style={{ "--columns": COLUMN_IDS.length - hiddenColumns.value.size }}
      role="treegrid"
      aria-label="Instances"
      onKeyDown={(event) => handleGridKey(event, { rows, verbs, onMoveBy })}
    >
      <thead>
        <tr>
          {COLUMN_IDS.map((id) => (
            <HeaderCell key={id} id={id} />
          ))}
        </tr>
      </thead>
      {body}
      {children}
    </table>
  );
}

/** More than a large screen has rows. */
const FIRST_FAMILIES = 60;

type FamilyProps = Pick<TableProps, "nodes" | "verbs"> & {
  family: Family;
  shown: ReadonlySignal<ReadonlySet<string>>;
  tabStop: ReadonlySignal<string | undefined>;
  isFirst: boolean;
};

function FamilyRows({ family: { id, members }, shown, nodes, tabStop, isFirst, verbs }: FamilyProps) {
  return (
    <tbody data-family={id}>
      {members.map((instance) => (
        <InstanceRow
          key={instance.id}
          instance={instance}
          node={nodes.get(instance.node)}
          tabStop={tabStop}
          shown={shown}
          satellites={instance.id === id ? members.length - 1 : 0}
          isFirst={isFirst}
          verbs={verbs}
        />
      ))}
    </tbody>
  );
}

function HeaderCell({ id }: { id: ColumnId }) {
  const { sort, label } = COLUMNS[id];
  if (sort === undefined) {
    const quiet = id === "actions" || id === "pick";
    return (
      <th scope="col" class={css[id]}>
        <span class={quiet ? "visually-hidden" : undefined}>{label}</span>
      </th>
    );
  }
  const active = sortKey.value === sort;
  const direction = sortDescending.value ? "descending" : "ascending";
  return (
    <th scope="col" class={css[id]} aria-sort={active ? direction : undefined}>
      <button type="button" class={css.sort} onClick={() => sortBy(sort)}>
        {label}
        {active && <span aria-hidden="true">{sortDescending.value ? "↓" : "↑"}</span>}
      </button>
    </th>
  );
}

/** Up, down, and back to the order of making. */
function sortBy(key: SortKey): void {
  if (sortKey.value !== key) {
    sortKey.value = key;
    sortDescending.value = false;
  } else if (!sortDescending.value) {
    sortDescending.value = true;
  } else {
    sortKey.value = "created";
    sortDescending.value = false;
  }
}
