/** What the catalogue will say of a blueprint, a name and a value a row. */
import { type NamedRow, NamedRows } from "../parts/named-rows.tsx";
import css from "./blueprint-page.module.css";

export type PreviewRow = NamedRow;

export function PreviewRows({ rows }: { rows: readonly PreviewRow[] }) {
  return <NamedRows rows={rows} look={css.preview} />;
}
