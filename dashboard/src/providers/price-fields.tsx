/** What the models of a provider cost, for the limits of jobs. */
import { Button, IconButton } from "../parts/button.tsx";
import { FieldGroup } from "../parts/field.tsx";
import type { PriceRow } from "./draft.ts";
import css from "./providers.module.css";

type PriceProps = { rows: readonly PriceRow[]; error: string | undefined; onChange: (rows: PriceRow[]) => void };

export function PriceFields({ rows, error, onChange }: PriceProps) {
  const put = (index: number, part: Partial<PriceRow>): void =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  const add = (): void => onChange([...rows, { model: rows.length === 0 ? "*" : "", input: "0", output: "0" }]);
  return (
    <FieldGroup legend="Prices, in US dollars for a million tokens">
      <p class={css.quiet}>
        <code>*</code> is for all models that are not named. Without a price a model costs nothing as far as limits go.
      </p>
      {rows.length > 0 && (
        <div class={css.price} aria-hidden="true">
          <span class={css.quiet}>model</span>
          <span class={css.quiet}>input</span>
          <span class={css.quiet}>output</span>
        </div>
      )}
      {rows.map((row, index) => (
        <div key={index} class={css.price}>
          <Cell label={`Model ${index + 1}`} value={row.model} onInput={(model) => put(index, { model })} />
          <Cell label={`Input price ${index + 1}`} value={row.input} onInput={(input) => put(index, { input })} />
          <Cell label={`Output price ${index + 1}`} value={row.output} onInput={(output) => put(index, { output })} />
          <IconButton
            icon="close"
            label={`Remove price ${index + 1}`}
            onClick={() => onChange(rows.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {error !== undefined && (
        <p class={css.bad} role="alert">
          {error}
        </p>
      )}
      <div>
        <Button icon="plus" onClick={add}>
          Add a price
        </Button>
      </div>
    </FieldGroup>
  );
}

type CellProps = { label: string; value: string; onInput: (value: string) => void };

function Cell({ label, value, onInput }: CellProps) {
  return (
    <input
      class={css.cell}
      aria-label={label}
      title={label}
      autoComplete="off"
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}
