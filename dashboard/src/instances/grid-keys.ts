/** The keys inside the table: from rows into their cells, over cells, into editors. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { ColumnId } from "./columns.ts";
import type { RowVerbs } from "./row.tsx";
import { focusRow } from "./table-keys.ts";
import { startEditing, visibleCells } from "./start-editing.ts";
import { collapsed, toggleFamily } from "./use-rows.ts";

type Grid = {
  rows: readonly Instance[];
  verbs: RowVerbs;
  onMoveBy: (id: string, step: -1 | 1) => void;
};
type Place = { grid: Grid; instance: Instance; row: HTMLElement; cell: HTMLElement | undefined };
type Keys = Readonly<Record<string, () => void>>;

/** What it does not know is left to the page. */
export function handleGridKey(event: KeyboardEvent, grid: Grid): void {
  const place = placeOf(event.target, grid);
  if (place === undefined || event.ctrlKey || event.metaKey) return;
  const act = keysAt(place, event)[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function keysAt(place: Place, event: KeyboardEvent): Keys {
  if (event.altKey) return movingKeys(place);
  if (event.shiftKey) return { F10: () => openMenu(place) };
  return { ContextMenu: () => openMenu(place), ...(place.cell ? cellKeys(place, place.cell) : rowKeys(place)) };
}

/** Alt with an arrow moves the whole family. */
function movingKeys({ grid, instance, row, cell }: Place): Keys {
  const move = (step: -1 | 1): void => {
    grid.onMoveBy(instance.parent ?? instance.id, step);
    // A row that was moved in the page has lost the focus.
    requestAnimationFrame(() => (cell ?? row).focus());
  };
  return { ArrowUp: () => move(-1), ArrowDown: () => move(1) };
}

function rowKeys({ instance, row }: Place): Keys {
  const isOpen = row.ariaExpanded === "true";
  return {
    ArrowRight: () => {
      if (collapsed.value.has(instance.id) && row.ariaExpanded !== null) toggleFamily(instance.id, false);
      else visibleCells(instance.id)[0]?.focus();
    },
    ArrowLeft: () => {
      if (isOpen) toggleFamily(instance.id, true);
      else if (instance.parent !== null) focusRow(instance.parent);
    },
    F2: () => startEditing(instance, "name"),
  };
}

function cellKeys({ grid, instance, row }: Place, cell: HTMLElement): Keys {
  const cells = visibleCells(instance.id);
  const at = cells.indexOf(cell);
  const column = cell.dataset["column"] as ColumnId;
  const edit = (): void => {
    const control = cell.querySelector<HTMLElement>("a, button, input");
    if (control instanceof HTMLInputElement && column !== "gpu") control.click();
    else if (column === "actions" || column === "url") control?.focus();
    startEditing(instance, column);
  };
  const goUp = (step: -1 | 1): void => {
    const next = grid.rows[grid.rows.findIndex(({ id }) => id === instance.id) + step];
    if (next === undefined) return;
    visibleCells(next.id)[at]?.focus();
    document.getElementById(`row-${next.id}`)?.scrollIntoView({ block: "nearest" });
  };
  return {
    ArrowRight: () => cells[at + 1]?.focus(),
    ArrowLeft: () => (cells[at - 1] ?? row).focus(),
    ArrowUp: () => goUp(-1),
    ArrowDown: () => goUp(1),
    Home: () => cells[0]?.focus(),
    End: () => cells.at(-1)?.focus(),
    Enter: edit,
    F2: edit,
    " ": edit,
    Escape: () => row.focus(),
  };
}

function openMenu({ grid, instance, row, cell }: Place): void {
  const { left, bottom } = (cell ?? row).getBoundingClientRect();
  grid.verbs.onMenu(instance.id, left + 12, bottom);
}

/** Only where a row or a cell itself has the focus: a control in a cell has keys of its own, except for the menu's. */
function placeOf(target: EventTarget | null, grid: Grid): Place | undefined {
  if (!(target instanceof HTMLElement)) return undefined;
  const row = target.closest<HTMLElement>("tr[data-id]");
  const instance = grid.rows.find(({ id }) => id === row?.dataset["id"]);
  if (row === null || instance === undefined) return undefined;
  if (target === row) return { grid, instance, row, cell: undefined };
  return target.dataset["column"] === undefined ? undefined : { grid, instance, row, cell: target };
}
