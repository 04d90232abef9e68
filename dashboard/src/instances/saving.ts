/** Saves the table's edits, one instance after another: what fails stays edited, with its error at its field. */
import { signal } from "@preact/signals";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { call } from "../api/call.ts";
import { explain } from "../api/errors.ts";
import { fieldErrors } from "../api/field-errors.ts";
import { instancesQuery, queryClient } from "../api/queries.ts";
import { changeOf, editedFields, type Field, isSame, type RowEdits, valueOf, withErrors, withRow } from "./edits.ts";
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
  const left = await sendRow(id, row, restart).catch((error: unknown) => withReasons(row, error));
  edits.value = withRow(edits.value, id, left);
  return editedFields(left).length === 0;
}

/** Answers with what was not taken. A control plane that does not know a field leaves it as it was: that is said, not swallowed. */
export async function sendRow(id: string, row: RowEdits, restart: boolean): Promise<RowEdits> {
  const answer = await call<Instance>("PATCH", `/api/instances/${id}`, { ...changeOf(row), restart });
  queryClient.setQueryData(instancesQuery.queryKey, (known) =>
    known?.map((instance) => (instance.id === id ? answer : instance)),
  );
  const left = editedFields(row).filter((field) => !isTaken(answer, field, row[field]?.value));
  const edits = Object.fromEntries(left.map((field) => [field, row[field]]));
  return withErrors(edits, Object.fromEntries(left.map((field) => [field, NOT_TAKEN])));
}

const NOT_TAKEN = "The control plane did not take this change.";

/** An automatic port is answered with the one that the node picked. */
function isTaken(answer: Instance, field: Field, wanted: unknown): boolean {
  return isSame(valueOf(answer, field), wanted) || (field === "port" && wanted === null);
}

function withReasons(row: RowEdits, error: unknown): RowEdits {
  const atFields = fieldErrors(error);
  const isAtField = editedFields(row).some((field) => atFields[field] !== undefined);
  const atAll = Object.fromEntries(editedFields(row).map((field) => [field, explain(error)]));
  return withErrors(row, isAtField ? atFields : atAll);
}
