/** Facts about one thing, a name and a value a row. */
export type NamedRow = readonly [name: string, value: string];

export function NamedRows({ rows, look }: { rows: readonly NamedRow[]; look: string | undefined }) {
  return (
    <dl class={look}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
