/** One instance as one row of 28 px. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { classes } from "../parts/classes.ts";
import { picked as allPicked } from "./batch/picked.ts";
import { Cells, NameOnly } from "./cells.tsx";
import type { ColumnId } from "./columns.ts";
import type { RowEdits } from "./edits.ts";
import { useNear } from "./near.ts";
import { selectedId } from "./selection.ts";
import { startEditing } from "./start-editing.ts";
import css from "./table.module.css";
import { edits as allEdits, editing as nowEditing } from "./unsaved.ts";
import { collapsed as allCollapsed } from "./use-rows.ts";

/** What rows ask of the page; one object for all of them, that stays the same. */
export type RowVerbs = {
  onSelect: (id: string) => void;
  onLog: (id: string) => void;
  onDelete: (id: string) => void;
  /** At a place of the window. */
  onMenu: (id: string, x: number, y: number) => void;
  /** `range`: with all rows from the last picked one to this one. */
  onPick: (id: string, range: boolean) => void;
  /** The family at the place of another one. */
  onMove: (id: string, target: string) => void;
};

type RowProps = {
  instance: Instance;
  node: Node | undefined;
  /** Exactly one row of the table is in the tab order: this one. */
  tabStop: ReadonlySignal<string | undefined>;
  /** Those that are not filtered out, and whose family is not collapsed. */
  shown: ReadonlySignal<ReadonlySet<string>>;
  /** Of a root: how many it has. */
  satellites: number;
  /** Among those that are in sight at first. */
  isFirst: boolean;
  verbs: RowVerbs;
};

/** What a row shows beside what its instance is. */
export type RowState = {
  selected: boolean;
  picked: boolean;
  collapsed: boolean;
  edits: RowEdits | undefined;
  /** The column that is being edited in this row. */
  editing: ColumnId | undefined;
};

export function InstanceRow({ tabStop, shown, instance, node, satellites, isFirst, verbs }: RowProps) {
  const state = useRowState(instance.id);
  const { selected, picked, edits, editing, collapsed } = state;
  // Of a hundred rows that the filter hides, none is rendered: the attribute follows the signal.
  const hidden = useComputed(() => !shown.value.has(instance.id));
  const tabbable = useComputed(() => tabStop.value === instance.id).value;
  const { row, near } = useNear(isFirst);
  const whole = near || selected || editing !== undefined;
  // The same elements again let Preact skip the cells: choosing and filtering among 500 rows stays quick.
  const cells = useMemo(() => {
    if (!whole) return <NameOnly instance={instance} />;
    return <Cells {...state} instance={instance} node={node} satellites={satellites} verbs={verbs} />;
  }, [whole, instance, node, selected, picked, edits, editing, satellites, collapsed, verbs]);
  const wasFocused = useRef(false);
  return (
    <tr
      ref={row}
      id={`row-${instance.id}`}
      data-id={instance.id}
      aria-hidden={hidden}
      class={classes(
        css.row,
        selected && css.selected,
        edits !== undefined && css.dirty,
        instance.desired === "deleted" && css.deleted,
      )}
      aria-selected={selected}
      aria-level={instance.parent === null ? 1 : 2}
      aria-expanded={satellites > 0 ? !collapsed : undefined}
      tabIndex={tabbable ? 0 : -1}
      onMouseDown={(event) => (wasFocused.current = cellOf(event.target) === document.activeElement)}
      onClick={(event) => {
        verbs.onSelect(instance.id);
        const column = cellOf(event.target)?.dataset["column"];
        // The first click chooses a cell, another one edits it; two quick ones are for the log.
        if (column && wasFocused.current && event.detail === 1) startEditing(instance, column as ColumnId);
      }}
      onDblClick={() => {
        // Browsers mark the word under the pointer, which nobody meant here.
        getSelection()?.removeAllRanges();
        verbs.onLog(instance.id);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        verbs.onMenu(instance.id, event.clientX, event.clientY);
      }}
      onFocusIn={() => verbs.onSelect(instance.id)}
    >
      {cells}
    </tr>
  );
}

/** Each row listens to its own share of the page's state: what happens in one renders no other. */
function useRowState(id: string): RowState {
  return {
    selected: useComputed(() => selectedId.value === id).value,
    picked: useComputed(() => allPicked.value.has(id)).value,
    collapsed: useComputed(() => allCollapsed.value.has(id)).value,
    edits: useComputed(() => allEdits.value.get(id)).value,
    editing: useComputed(() => (nowEditing.value?.id === id ? nowEditing.value.column : undefined)).value,
  };
}

/** The cell under the pointer, unless it is over a control of its own. */
function cellOf(target: EventTarget | null): HTMLElement | undefined {
  if (!(target instanceof Element) || target.closest("a, button, input, select") !== null) return undefined;
  return target.closest<HTMLElement>("[data-column]") ?? undefined;
}
