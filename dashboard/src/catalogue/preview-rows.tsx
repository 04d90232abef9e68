/** What the catalogue will say of a blueprint, a name and a value a row. */
import css from "./blueprint-page.module.css";

export type PreviewRow = readonly [label: string, value: string];

export function PreviewRows({ rows }: { rows: readonly PreviewRow[] }) {
  return (
    <dl class={css.preview}>
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
