/** Chooses which columns show, and the order of one's own. */
import { Menu, type MenuItem } from "../parts/menu.tsx";
import { COLUMN_IDS, COLUMNS, hiddenColumns, showColumn } from "./columns.ts";
import { sortKey } from "./use-rows.ts";

export function ColumnMenu({ x, y, onClose }: { x: number; y: number; onClose: () => void }) {
  const columns = COLUMN_IDS.filter((id) => COLUMNS[id].optional).map((id): MenuItem => {
    const shown = !hiddenColumns.value.has(id);
    return { label: COLUMNS[id].label, checked: shown, act: () => showColumn(id, !shown) };
  });
  const isMine = sortKey.value === "mine";
  const order: MenuItem = {
    label: "My order (drag rows)",
    checked: isMine,
    begins: true,
    act: () => (sortKey.value = isMine ? "created" : "mine"),
  };
  return <Menu label="Columns" items={[...columns, order]} x={x} y={y} onClose={onClose} />;
}
