/** Variables of an instance as rows of a form, and back as the API takes them; and which row an answer of it is about. */
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { pathErrors } from "../api/field-errors.ts";

export type VariableKind = "value" | "secret";
/** What was typed for one kind is there again when a person comes back to it. */
export type VariableRow = { id: number; name: string; kind: VariableKind; value: string; secret: string };

type Rows = readonly VariableRow[];

export function rowsOf(variables: readonly EnvironmentVariable[]): VariableRow[] {
  return variables.map(({ name, value = "", secret }, id) => ({
    ...{ id, name, value },
    kind: secret === undefined ? "value" : "secret",
    secret: secret ?? "",
  }));
}

export function blankRow(rows: Rows): VariableRow {
  return { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: "", kind: "value", value: "", secret: "" };
}

/** A row with nothing in it is none; what another one lacks is for the API to say. */
export function variablesOf(rows: Rows): EnvironmentVariable[] {
  return rows.filter(isWritten).map(({ name, kind, value, secret }) => ({
    name: name.trim(),
    ...(kind === "value" ? { value } : secret !== "" && { secret }),
  }));
}

function isWritten({ name, kind, value, secret }: VariableRow): boolean {
  return name.trim() !== "" || (kind === "value" ? value : secret) !== "";
}

type RowErrors = { name?: string | undefined; content?: string | undefined };
export type VariableErrors = { all: string | undefined; byRow: ReadonlyMap<number, RowErrors> };

/** `rows` are those that the API answered. */
export function variableErrors(rows: Rows, error: unknown): VariableErrors {
  const errors = pathErrors(error);
  const entries = rows.filter(isWritten).map(({ id }, index): [number, RowErrors] => {
    const at = `env.${index}`;
    return [id, { name: errors[`${at}.name`] ?? errors[at], content: errors[`${at}.value`] ?? errors[`${at}.secret`] }];
  });
  return { all: errors["env"], byRow: new Map(entries) };
}
