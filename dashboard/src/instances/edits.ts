/** What was changed in the table and is not saved: a layer over what the feed brings. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { DeclaredPort } from "@roundhouse/protocol/ports";
import { declaredPorts } from "./declared-ports.ts";

export const FIELDS = [
  "name",
  "blueprint",
  "pythonVersion",
  "cudaVersion",
  "torchVersion",
  "outputPath",
  "gpuIds",
  "autostart",
  "restartPolicy",
  "port",
  "ports",
  "env",
  "hostname",
] as const;
export type Field = (typeof FIELDS)[number];
/** Of its ports, what was declared: the others the app was found listening on. */
export type Values = Pick<Instance, Exclude<Field, "ports">> & { ports: readonly DeclaredPort[] };

/** `base` is what the field was when it was edited; `error` is why it could not be saved. */
export type Edit<F extends Field = Field> = { base: Values[F]; value: Values[F]; error?: string };
export type RowEdits = { readonly [F in Field]?: Edit<F> };
export type Edits = ReadonlyMap<string, RowEdits>;

export function valueOf<F extends Field>(instance: Instance, field: F): Values[F] {
  const value: unknown = field === "ports" ? declaredPorts(instance) : instance[field];
  return value as Values[F];
}

/** What the table shows: the edited value, else the live one. */
export function shownValue<F extends Field>(instance: Instance, edits: RowEdits | undefined, field: F): Values[F] {
  const edit = edits?.[field];
  return edit === undefined ? valueOf(instance, field) : edit.value;
}

/** The value that the instance has already is no edit. */
export function withEdit<F extends Field>(edits: Edits, instance: Instance, field: F, value: Values[F]): Edits {
  return withRow(edits, instance.id, withChange(edits.get(instance.id) ?? {}, instance, field, value));
}

/** The same for the edits of one instance. */
export function withChange<F extends Field>(row: RowEdits, instance: Instance, field: F, value: Values[F]): RowEdits {
  const base = valueOf(instance, field);
  const rest = withoutField(row, field);
  return isSame(base, value) ? rest : { ...rest, [field]: { base, value } };
}

export function withoutEdit(edits: Edits, id: string, field: Field): Edits {
  return withRow(edits, id, withoutField(edits.get(id) ?? {}, field));
}

/** After a failed save: each named field keeps its value and says why. */
export function withErrors(row: RowEdits, errors: Readonly<Record<string, string>>): RowEdits {
  const entries = Object.entries(row).map(([field, edit]) => {
    const error = errors[field];
    return [field, error === undefined ? edit : { ...edit, error }];
  });
  return Object.fromEntries(entries);
}

/** Drops what has come true meanwhile, and the edits of instances that are gone. The same map when that is nothing. */
export function settle(edits: Edits, instances: readonly Instance[]): Edits {
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  let settled = edits;
  for (const [id, row] of edits) {
    const instance = byId.get(id);
    for (const field of editedFields(row)) {
      if (instance === undefined || isSame(valueOf(instance, field), row[field]?.value)) {
        settled = withoutEdit(settled, id, field);
      }
    }
  }
  return settled;
}

/** True when somebody else gave the field another value after it was edited here. */
export function isContested(instance: Instance, edits: RowEdits | undefined, field: Field): boolean {
  const edit = edits?.[field];
  if (edit === undefined) return false;
  const live = valueOf(instance, field);
  return !isSame(live, edit.base) && !isSame(live, edit.value);
}

export function editedFields(row: RowEdits): Field[] {
  return FIELDS.filter((field) => row[field] !== undefined);
}

/** The body of the PATCH that saves a row. */
export function changeOf(row: RowEdits): Partial<Values> {
  return Object.fromEntries(editedFields(row).map((field) => [field, row[field]?.value]));
}

const OF_THE_IMAGE: ReadonlySet<Field> = new Set(["pythonVersion", "cudaVersion", "torchVersion"]);
const OF_THE_FAMILY: ReadonlySet<Field> = new Set(["blueprint", "outputPath", ...OF_THE_IMAGE]);

/** Why a field of an instance cannot be edited, if so. */
export function lockOf(instance: Instance, field: Field): string | undefined {
  if (instance.desired === "deleted") return "It is being deleted.";
  if (instance.kind === "container" && OF_THE_IMAGE.has(field)) return "A container has the versions of its image.";
  if (instance.parent !== null && OF_THE_FAMILY.has(field)) {
    return "A satellite runs from its parent's installation: change the parent instead.";
  }
  return undefined;
}

/** Without edits there is no row. */
export function withRow(edits: Edits, id: string, row: RowEdits): Edits {
  const next = new Map(edits);
  if (editedFields(row).length === 0) next.delete(id);
  else next.set(id, row);
  return next;
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function withoutField(row: RowEdits, field: Field): RowEdits {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
}
