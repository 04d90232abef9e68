/** Begins to edit a cell: opens its editor, or goes to the controls that always stand in it. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { blockedFor } from "../api/session.ts";
import { toast } from "../shell/toasts.tsx";
import { type ColumnId, COLUMNS } from "./columns.ts";
import { type Field, lockOf } from "./edits.ts";
import { editing } from "./unsaved.ts";

const ALWAYS_OPEN: ReadonlySet<ColumnId> = new Set(["gpu", "autostart"]);

export function fieldsOf(column: ColumnId): readonly Field[] {
  return COLUMNS[column].fields ?? [];
}

/** Why the cell cannot be edited, if so; undefined also for one that has nothing to edit. */
export function whyLocked(instance: Instance, column: ColumnId): string | undefined {
  const [field] = fieldsOf(column);
  return field === undefined ? undefined : (blockedFor("operator") ?? lockOf(instance, field));
}

export function startEditing(instance: Instance, column: ColumnId): void {
  if (fieldsOf(column).length === 0) return;
  const locked = whyLocked(instance, column);
  if (locked !== undefined) toast(locked);
  else if (ALWAYS_OPEN.has(column)) cellOf(instance.id, column)?.querySelector("input")?.focus();
  else editing.value = { id: instance.id, column };
}

/** Ends editing with the focus on the cell, so that the keys go on from there. */
export function stopEditing(): void {
  const cell = editing.value;
  editing.value = null;
  if (cell) cellOf(cell.id, cell.column)?.focus();
}

/** Tab in an editor: the next cell of the row that can be edited, else the focus stays on this one. */
export function editNext(instance: Instance, from: ColumnId, step: -1 | 1): void {
  stopEditing();
  const cells = visibleCells(instance.id);
  const start = cells.findIndex(({ dataset }) => dataset["column"] === from);
  for (let index = start + step; index >= 0 && index < cells.length; index += step) {
    const column = cells[index]?.dataset["column"] as ColumnId;
    if (fieldsOf(column).length === 0 || whyLocked(instance, column) !== undefined) continue;
    cells[index]?.focus();
    startEditing(instance, column);
    return;
  }
}

export function visibleCells(id: string): HTMLElement[] {
  const row = document.getElementById(`row-${id}`);
  if (!(row instanceof HTMLTableRowElement)) return [];
  return [...row.cells].filter((cell) => cell.offsetParent !== null);
}

function cellOf(id: string, column: ColumnId): HTMLElement | undefined {
  return visibleCells(id).find(({ dataset }) => dataset["column"] === column);
}
