/** The environment variables of an instance: a row each, with a value or the name of a secret. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { MAX_VARIABLES } from "@roundhouse/protocol/limits";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { secretsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { FieldGroup, SelectField, TextArea, TextField } from "../parts/field.tsx";
import { SecretChoice } from "../secrets/choice.tsx";
import {
  blankRow,
  rowsOf,
  variableErrors,
  type VariableErrors,
  type VariableKind,
  type VariableRow,
  variablesOf,
} from "./variable-rows.ts";
import css from "./variables-field.module.css";

const KINDS: readonly { value: VariableKind; label: string }[] = [
  { value: "value", label: "value" },
  { value: "secret", label: "secret" },
];
const MOST_LINES = 6;

type VariablesProps = {
  value: readonly EnvironmentVariable[];
  /** With what sending the form ended. */
  error: unknown;
  /** Why the variables as a whole were not taken, if so. */
  refused?: string | undefined;
  onChange: (env: EnvironmentVariable[]) => void;
};

export function VariablesField({ value, error, refused, onChange }: VariablesProps) {
  const [edited, setEdited] = useState<readonly VariableRow[] | null>(null);
  const [added, setAdded] = useState<number>();
  const rows = edited ?? rowsOf(value);
  // An answer counts the rows as they were when it came.
  const errors = useMemo(() => variableErrors(rows, error), [error]);
  const all = errors.all ?? refused;
  const group = useRef<HTMLDivElement>(null);
  const change = (next: readonly VariableRow[]): void => {
    setEdited(next);
    onChange(variablesOf(next));
  };
  const add = (): void => {
    const row = blankRow(rows);
    setAdded(row.id);
    change([...rows, row]);
  };
  const remove = (id: number): void => {
    group.current?.querySelector<HTMLElement>("[data-add]")?.focus();
    change(rows.filter((row) => row.id !== id));
  };
  return (
    <FieldGroup legend="Variables">
      <div ref={group} class={css.group}>
        {rows.map((row, index) => (
          <Row
            key={row.id}
            row={row}
            title={`Variable ${index + 1}`}
            isNew={row.id === added}
            errors={errors.byRow.get(row.id) ?? {}}
            onChange={(part) => change(rows.map((other) => (other.id === row.id ? { ...other, ...part } : other)))}
            onRemove={() => remove(row.id)}
          />
        ))}
        {all !== undefined && (
          <p class={css.error} role="alert">
            {all}
          </p>
        )}
        <div class={css.foot}>
          <Button
            data-add
            icon="plus"
            blocked={rows.length >= MAX_VARIABLES ? `${MAX_VARIABLES} at most.` : undefined}
            onClick={add}
          >
            Add variable
          </Button>
          <Hint rows={rows} />
        </div>
      </div>
    </FieldGroup>
  );
}

/** What there is to know beside the button. */
function Hint({ rows }: { rows: readonly VariableRow[] }) {
  const isAdmin = blockedFor("admin") === undefined;
  const { data: secrets } = useQuery({ ...secretsQuery, enabled: isAdmin });
  if (rows.length === 0) return <p class={css.quiet}>Settings its app reads at its start.</p>;
  if (!isAdmin) return <p class={css.quiet}>Only an admin can bind a secret: its app reads it.</p>;
  if (secrets?.length !== 0 || !rows.some(({ kind }) => kind === "secret")) return null;
  return (
    <p class={css.quiet}>
      No secret yet: make one in the list, or under{" "}
      <a href="/settings/secrets" target="_blank" rel="noopener">
        Secrets
      </a>
      .
    </p>
  );
}

type RowProps = {
  row: VariableRow;
  title: string;
  isNew: boolean;
  errors: NonNullable<ReturnType<VariableErrors["byRow"]["get"]>>;
  onChange: (part: Partial<VariableRow>) => void;
  onRemove: () => void;
};

function Row({ row, title, isNew, errors, onChange, onRemove }: RowProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isNew) element.current?.querySelector("input")?.focus();
  }, []);
  const isAdmin = blockedFor("admin") === undefined;
  const isLocked = row.kind === "secret" && !isAdmin;
  return (
    <div ref={element} class={css.row} role="group" aria-label={title} onKeyDown={submitByEnter}>
      <TextField
        bare
        label={`${title}: name`}
        mono
        placeholder="NAME"
        readOnly={isLocked}
        value={row.name}
        error={errors.name}
        onInput={(name) => onChange({ name })}
      />
      <SelectField
        bare
        label={`${title}: kind`}
        value={row.kind}
        options={KINDS}
        disabled={!isAdmin}
        onChange={(kind) => onChange({ kind: kind as VariableKind })}
      />
      <div class={css.content}>
        <Content {...{ row, title, isLocked, onChange }} error={errors.content} />
      </div>
      <div class={css.remove}>
        <IconButton icon="close" label={`Remove ${row.name || title.toLowerCase()}`} onClick={onRemove} />
      </div>
    </div>
  );
}

type ContentProps = Pick<RowProps, "row" | "title" | "onChange"> & { isLocked: boolean; error: string | undefined };

function Content({ row, title, isLocked, error, onChange }: ContentProps) {
  if (row.kind === "value") {
    return (
      <TextArea
        bare
        label={`${title}: value`}
        mono
        rows={Math.min(row.value.split("\n").length, MOST_LINES)}
        placeholder="value"
        value={row.value}
        error={error}
        onInput={(value) => onChange({ value })}
      />
    );
  }
  const label = `${title}: secret`;
  if (isLocked)
    return (
      <TextField
        bare
        label={label}
        mono
        readOnly
        value={row.secret}
        error={error}
        onInput={(secret) => onChange({ secret })}
      />
    );
  return (
    <SecretChoice
      bare
      label={label}
      none="choose a secret"
      value={row.secret === "" ? null : row.secret}
      error={error}
      onChange={(secret) => onChange({ secret: secret ?? "" })}
    />
  );
}

/** A value may have lines, which are typed with Shift; Enter alone sends the form, as in every other field of it. */
function submitByEnter(event: KeyboardEvent): void {
  const { target } = event;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !(target instanceof HTMLTextAreaElement)) return;
  event.preventDefault();
  target.form?.requestSubmit();
}
