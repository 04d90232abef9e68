/** Saves the table's edits, one instance after another: what fails stays edited, with its error at its field. */
import { signal } from "@preact/signals";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { call } from "../api/call.ts";
import { explain } from "../api/errors.ts";
import { fieldErrors } from "../api/field-errors.ts";
import { instancesQuery, queryClient } from "../api/queries.ts";
import { changeOf, editedFields, isSame, type RowEdits, valueOf, withErrors, withoutEdit } from "./edits.ts";
import { edits } from "./unsaved.ts";

export type Saving = { done: number; of: number; failed: number };
export const saving = signal<Saving | null>(null);

/** `restart`: running apps are launched anew where a change needs it; otherwise it waits for their next start. */
export async function saveEdits(instances: readonly Instance[], restart: boolean): Promise<Saving> {
  const rows = instances.filter(({ id }) => edits.value.has(id));
  let state: Saving = { done: 0, of: rows.length, failed: 0 };
  for (const instance of rows) {
    saving.value = state;
    const saved = await saveRow(instance.id, edits.value.get(instance.id) ?? {}, restart);
    state = { ...state, done: state.done + 1, failed: state.failed + (saved ? 0 : 1) };
  }
  saving.value = null;
  await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
  return state;
}

async function saveRow(id: string, row: RowEdits, restart: boolean): Promise<boolean> {
  try {
    const answer = await call<Instance>("PATCH", `/api/instances/${id}`, { ...changeOf(row), restart });
    queryClient.setQueryData(instancesQuery.queryKey, (known) =>
      known?.map((instance) => (instance.id === id ? answer : instance)),
    );
    return accept(id, row, answer);
  } catch (error) {
    const atFields = fieldErrors(error);
    const all = Object.fromEntries(editedFields(row).map((field) => [field, explain(error)]));
    const known = editedFields(row).some((field) => atFields[field] !== undefined);
    edits.value = withErrors(edits.value, id, known ? atFields : all);
    return false;
  }
}

/** A control plane that does not know a field leaves it as it was: that is said, not swallowed. */
function accept(id: string, row: RowEdits, answer: Instance): boolean {
  let whole = true;
  for (const field of editedFields(row)) {
    const wanted = row[field]?.value;
    // An automatic port is answered with the one that the node picked.
    if (isSame(valueOf(answer, field), wanted) || (field === "port" && wanted === null)) {
      edits.value = withoutEdit(edits.value, id, field);
    } else {
      whole = false;
      edits.value = withErrors(edits.value, id, { [field]: "The control plane did not take this change." });
    }
  }
  return whole;
}
