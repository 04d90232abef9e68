/** The table of instances: sortable, one tab stop, arrow keys move. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { stored } from "../parts/stored.ts";
import { InstanceRow } from "./row.tsx";
import type { SortKey } from "./rows.ts";
import css from "./table.module.css";

export const sortKey = stored<SortKey>("roundhouse.sort", "created");
export const sortDescending = stored<boolean>("roundhouse.sort.descending", false);

type Column = { label: string; cell: string | undefined; sort?: SortKey; hidden?: boolean };
const COLUMNS: readonly Column[] = [
  { label: "Status", cell: css.status, sort: "status" },
  { label: "Name", cell: css.name, sort: "name" },
  { label: "Blueprint", cell: css.blueprint, sort: "blueprint" },
  { label: "Node", cell: css.node, sort: "node" },
  { label: "Port", cell: css.port },
  { label: "URL", cell: css.url },
  { label: "GPU", cell: css.gpu },
  { label: "Auto", cell: css.autostart },
  { label: "For", cell: css.uptime },
  { label: "Disk", cell: css.disk, sort: "disk" },
  { label: "Actions", cell: css.actionsCell, hidden: true },
];

type TableProps = {
  instances: readonly Instance[];
  /** Those that the filter lets through; the others stay in the page, hidden: showing them again is quick. */
  shown: ReadonlySet<string>;
  nodes: ReadonlyMap<string, Node>;
  selectedId: string | null;
  onSelect: (id: string) => void;
  onLog: (id: string) => void;
  onDelete: (id: string) => void;
};

export function InstanceTable({ instances, shown, nodes, selectedId, onSelect, onLog, onDelete }: TableProps) {
  const first = instances.find((instance) => shown.has(instance.id))?.id;
  const tabStop = selectedId !== null && shown.has(selectedId) ? selectedId : first;
  return (
    <table class={css.table} role="grid" aria-label="Instances">
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <HeaderCell key={column.label} column={column} />
          ))}
        </tr>
      </thead>
      <tbody>
        {instances.map((instance) => (
          <InstanceRow
            key={instance.id}
            instance={instance}
            node={nodes.get(instance.node)}
            selected={instance.id === selectedId}
            tabbable={instance.id === tabStop}
            hidden={!shown.has(instance.id)}
            onSelect={onSelect}
            onLog={onLog}
            onDelete={onDelete}
          />
        ))}
      </tbody>
    </table>
  );
}

function HeaderCell({ column }: { column: Column }) {
  const { sort } = column;
  if (sort === undefined) {
    return (
      <th scope="col" class={column.cell}>
        <span class={column.hidden ? "visually-hidden" : undefined}>{column.label}</span>
      </th>
    );
  }
  const active = sortKey.value === sort;
  const direction = sortDescending.value ? "descending" : "ascending";
  return (
    <th scope="col" class={column.cell} aria-sort={active ? direction : undefined}>
      <button type="button" class={css.sort} onClick={() => sortBy(sort)}>
        {column.label}
        {active && <span aria-hidden="true">{sortDescending.value ? "↓" : "↑"}</span>}
      </button>
    </th>
  );
}

/** Up, down, and back to the order of making. */
function sortBy(key: SortKey): void {
  if (sortKey.value !== key) {
    sortKey.value = key;
    sortDescending.value = false;
  } else if (!sortDescending.value) {
    sortDescending.value = true;
  } else {
    sortKey.value = "created";
    sortDescending.value = false;
  }
}
