/** The head of a table of a page (table.module.css). */
import table from "./table.module.css";

type HeadProps = {
  columns: readonly string[];
  /** Those that hold numbers. */
  numbers?: ReadonlySet<string>;
  /** Whether a last column has buttons. */
  withActions?: boolean;
};

export function TableHead({ columns, numbers, withActions = false }: HeadProps) {
  return (
    <thead>
      <tr>
        {columns.map((name) => (
          <th key={name} scope="col" class={numbers?.has(name) ? table.number : undefined}>
            {name}
          </th>
        ))}
        {withActions && (
          <th scope="col">
            <span class="visually-hidden">What to do</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
