/** One instance as one row of 28 px. */
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { blockedFor } from "../api/session.ts";
import { plainText } from "../logs/ansi.ts";
import { now } from "../live/now.ts";
import { classes } from "../parts/classes.ts";
import { formatBytes, formatDuration } from "../parts/format.ts";
import { setAutostart } from "./actions.ts";
import { RowActions } from "./row-actions.tsx";
import { groupOf, shownStatus } from "./rows.ts";
import { Status } from "./status.tsx";
import css from "./table.module.css";

type RowProps = {
  instance: Instance;
  node: Node | undefined;
  selected: boolean;
  /** Exactly one row of the table is in the tab order. */
  tabbable: boolean;
  /** Filtered out. */
  hidden: boolean;
  onSelect: (id: string) => void;
  onLog: (id: string) => void;
  onDelete: (id: string) => void;
};

export function InstanceRow({ instance, selected, tabbable, hidden, onSelect, ...rest }: RowProps) {
  const { node, onLog, onDelete } = rest;
  // The same elements again let Preact skip the cells: choosing and filtering among 500 rows stays quick.
  const cells = useMemo(
    () => <Cells instance={instance} node={node} selected={selected} onLog={onLog} onDelete={onDelete} />,
    [instance, node, selected, onLog, onDelete],
  );
  return (
    <tr
      id={`row-${instance.id}`}
      data-id={instance.id}
      hidden={hidden}
      class={classes(css.row, selected && css.selected, instance.desired === "deleted" && css.deleted)}
      aria-selected={selected}
      tabIndex={tabbable ? 0 : -1}
      onClick={() => onSelect(instance.id)}
      onDblClick={() => onLog(instance.id)}
      onFocus={(event) => event.target === event.currentTarget && onSelect(instance.id)}
    >
      {cells}
    </tr>
  );
}

type CellsProps = Pick<RowProps, "instance" | "node" | "selected" | "onLog" | "onDelete">;

function Cells({ instance, node, selected, onLog, onDelete }: CellsProps) {
  const blocked = blockedFor("operator");
  // Only the selected row's controls are in the tab order.
  const tabIndex = selected ? 0 : -1;
  return (
    <>
      <td class={css.status}>
        <Status status={shownStatus(instance)} />
      </td>
      <th scope="row" class={css.name} title={instance.name}>
        {instance.parent !== null && <span class={css.branch}>└ </span>}
        {instance.name}
      </th>
      <td class={css.blueprint} title={instance.blueprint}>
        {instance.blueprint}
      </td>
      <td class={css.node} title={node?.name}>
        {node?.name ?? instance.node}
      </td>
      <td class={css.port}>
        {instance.port ?? <span class={css.none}>auto</span>}
        {instance.exposed.length > 0 && <Exposed />}
      </td>
      <td class={css.url}>
        <AddressOrNews instance={instance} tabIndex={tabIndex} />
      </td>
      <td class={css.gpu}>{gpuText(instance, node)}</td>
      <td class={css.autostart}>
        <input
          type="checkbox"
          aria-label={`Start ${instance.name} with its node`}
          title={blocked ?? "Start it again when its node starts"}
          checked={instance.autostart}
          disabled={blocked !== undefined}
          tabIndex={tabIndex}
          onChange={(event) => void setAutostart(instance, event.currentTarget.checked)}
        />
      </td>
      <td class={css.uptime}>
        <Since instance={instance} />
      </td>
      <td class={css.disk}>{instance.diskBytes === null ? "" : formatBytes(instance.diskBytes)}</td>
      <td class={css.actionsCell}>
        <RowActions
          instance={instance}
          tabIndex={tabIndex}
          onLog={() => onLog(instance.id)}
          onDelete={() => onDelete(instance.id)}
        />
      </td>
    </>
  );
}

function Exposed() {
  const words = "It listens on every interface: others on the node's network can reach it without a grant.";
  return (
    <span class={css.exposed} role="img" aria-label={`Exposed. ${words}`} title={`Exposed. ${words}`}>
      !
    </span>
  );
}

/** The URL once there is something behind it; until then why not, or the last thing the app said. */
function AddressOrNews({ instance, tabIndex }: { instance: Instance; tabIndex: number }) {
  const group = groupOf(instance);
  if (instance.reason !== null && group === "problem") {
    return (
      <span class={css.reason} title={instance.reason.message}>
        {instance.reason.message}
      </span>
    );
  }
  const lastLine = instance.lastLines.at(-1);
  if (group === "busy" && lastLine) return <span class={css.news}>{plainText(lastLine)}</span>;
  const host = new URL(instance.url).host;
  if (group !== "running" || blockedFor("operator") !== undefined) return <span class={css.none}>{host}</span>;
  return (
    <a href={`/open/${instance.id}`} target="_blank" rel="noopener" title={instance.url} tabIndex={tabIndex}>
      {host}
    </a>
  );
}

/** How long it has been as it is; ticks without rendering the row. */
function Since({ instance }: { instance: Instance }) {
  const since = instance.status === "started" ? (instance.startedAt ?? instance.statusSince) : instance.statusSince;
  const quiet = instance.status === "stopped";
  const text = useComputed(() => (since === null || quiet ? "" : formatDuration(now.value - Date.parse(since))));
  return <>{text}</>;
}

function gpuText(instance: Instance, node: Node | undefined): string {
  if (instance.gpuIds.length > 0) return instance.gpuIds.map((id) => gpuIndex(id, node)).join(", ");
  return (node?.gpus.length ?? 0) > 0 ? "all" : "–";
}

function gpuIndex(id: string, node: Node | undefined): string {
  return String(node?.gpus.find((gpu) => gpu.id === id)?.index ?? id);
}
