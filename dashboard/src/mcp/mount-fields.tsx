/** The folders that a container sees, a row each. */
import { errorUnder } from "../api/field-errors.ts";
import { replacedAt } from "../jobs/draft.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { FieldGroup, SelectField, TextField } from "../parts/field.tsx";
import css from "./mcp.module.css";
import type { MountRow } from "./run-draft.ts";

const MOST_MOUNTS = 16;
const ACCESS = [
  { value: "read", label: "read-only" },
  { value: "write", label: "may write" },
];

type MountsProps = {
  rows: readonly MountRow[];
  errors: Readonly<Record<string, string>>;
  onChange: (rows: MountRow[]) => void;
};

export function MountFields({ rows, errors, onChange }: MountsProps) {
  const whole = errors["run.mounts"];
  return (
    <FieldGroup legend="Mounts">
      {rows.map((row, index) => (
        <Row
          key={index}
          row={row}
          title={`Mount ${index + 1}`}
          error={(part) => errors[`run.mounts.${index}.${part}`]}
          onChange={(part) => onChange(replacedAt(rows, index, part && { ...row, ...part }))}
        />
      ))}
      {(whole ?? (rows.length === 0 ? errorUnder(errors, "run.mounts") : undefined)) !== undefined && (
        <p class={css.error} role="alert">
          {whole ?? errorUnder(errors, "run.mounts")}
        </p>
      )}
      <div class={css.buttons}>
        <Button
          icon="plus"
          blocked={rows.length >= MOST_MOUNTS ? `${MOST_MOUNTS} at most.` : undefined}
          onClick={() => onChange([...rows, { from: "", to: "", readonly: true }])}
        >
          Add mount
        </Button>
        <p class={css.quiet}>
          From ./folder of its own, workspace, models, outputs, datasets, or a path that the node's owner allowed.
        </p>
      </div>
    </FieldGroup>
  );
}

type RowProps = {
  row: MountRow;
  title: string;
  error: (part: "from" | "to") => string | undefined;
  /** undefined: it goes. */
  onChange: (part: Partial<MountRow> | undefined) => void;
};

function Row({ row, title, error, onChange }: RowProps) {
  return (
    <div class={css.mount} role="group" aria-label={title}>
      <TextField
        bare
        label={`${title}: from`}
        mono
        placeholder="./data"
        value={row.from}
        error={error("from")}
        onInput={(from) => onChange({ from })}
      />
      <TextField
        bare
        label={`${title}: to`}
        mono
        placeholder="/data"
        value={row.to}
        error={error("to")}
        onInput={(to) => onChange({ to })}
      />
      <SelectField
        bare
        label={`${title}: access`}
        value={row.readonly ? "read" : "write"}
        options={ACCESS}
        onChange={(access) => onChange({ readonly: access === "read" })}
      />
      <IconButton icon="close" label={`Remove ${title.toLowerCase()}`} onClick={() => onChange(undefined)} />
    </div>
  );
}
