/** The table's unsaved edits and the cell that is being edited, kept while the person looks at other pages. */
import { effect, signal } from "@preact/signals";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { type Edits, type Field, type Values, withEdit } from "./edits.ts";
import type { ColumnId } from "./columns.ts";

export const edits = signal<Edits>(new Map());
export const editing = signal<{ id: string; column: ColumnId } | null>(null);

export function setEdit<F extends Field>(instance: Instance, field: F, value: Values[F]): void {
  edits.value = withEdit(edits.value, instance, field, value);
}

export function discardEdits(): void {
  edits.value = new Map();
  editing.value = null;
}

effect(() => {
  if (edits.value.size === 0) return undefined;
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  return () => window.removeEventListener("beforeunload", ask);
});
