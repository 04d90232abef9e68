/** The cells of a row: what the instance is like, and what was edited of it. */
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { now } from "../live/now.ts";
import { classes } from "../parts/classes.ts";
import { formatBytes, formatDuration } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { later } from "../parts/later.tsx";
import { AddressOrNews, Exposed } from "./address.tsx";
import type { ColumnId } from "./columns.ts";
import { DragHandle } from "./drag-handle.tsx";
import { isContested, shownValue, valueOf } from "./edits.ts";
import { GpuChecks } from "./gpu-checks.tsx";
import { RESTART_WORDS } from "./restart-words.ts";
import type { RowState, RowVerbs } from "./row.tsx";
import { RowActions } from "./row-actions.tsx";
import { shownStatus } from "./rows.ts";
import { fieldsOf, whyLocked } from "./start-editing.ts";
import { textOf } from "./value-words.ts";
import { Status } from "./status.tsx";
import css from "./table.module.css";
import { setEdit } from "./unsaved.ts";
import { toggleFamily } from "./use-rows.ts";

const CellEditor = later(async () => (await import("./cell-editor.tsx")).CellEditor);

export type CellsProps = RowState & {
  instance: Instance;
  node: Node | undefined;
  satellites: number;
  verbs: RowVerbs;
};

export function Cells(props: CellsProps) {
  const { instance, node, selected, picked, edits, verbs } = props;
  // Only the selected row's controls are in the tab order.
  const tabIndex = selected ? 0 : -1;
  const restart = shownValue(instance, edits, "restartPolicy");
  return (
    <>
      <Cell {...props} column="pick">
        <DragHandle instance={instance} onMove={verbs.onMove} />
        <input
          type="checkbox"
          aria-label={`Choose ${instance.name}`}
          checked={picked}
          tabIndex={tabIndex}
          onClick={(event) => verbs.onPick(instance.id, event.shiftKey)}
        />
      </Cell>
      <Cell {...props} column="status">
        <Status status={shownStatus(instance)} />
      </Cell>
      <NameCell {...props} />
      <Cell {...props} column="blueprint">
        {shownValue(instance, edits, "blueprint")}
      </Cell>
      <Cell {...props} column="node" title={node?.name}>
        {node?.name ?? instance.node}
      </Cell>
      <Cell {...props} column="environment">
        <Environment {...props} />
      </Cell>
      <Cell {...props} column="outputs">
        {shownValue(instance, edits, "outputPath") ?? <span class={css.none}>{instance.name}</span>}
      </Cell>
      <Cell {...props} column="gpu">
        <GpuChecks {...props} tabIndex={tabIndex} />
      </Cell>
      <Cell {...props} column="autostart">
        <Autostart {...props} tabIndex={tabIndex} />
      </Cell>
      <Cell {...props} column="restart">
        {RESTART_WORDS.find(({ value }) => value === restart)?.label}
      </Cell>
      <Cell {...props} column="port">
        {shownValue(instance, edits, "port") ?? <span class={css.none}>auto</span>}
        {instance.exposed.length > 0 && <Exposed />}
      </Cell>
      <Cell {...props} column="url">
        {edits?.hostname ? edits.hostname.value : <AddressOrNews instance={instance} tabIndex={tabIndex} />}
      </Cell>
      <Cell {...props} column="uptime">
        <Since instance={instance} />
      </Cell>
      <Cell {...props} column="disk">
        {instance.diskBytes === null ? "" : formatBytes(instance.diskBytes)}
      </Cell>
      <Cell {...props} column="actions">
        <RowActions instance={instance} tabIndex={tabIndex} verbs={verbs} />
      </Cell>
    </>
  );
}

/** Of a row that is far out of sight: enough to be found by. */
export function NameOnly({ instance }: { instance: Instance }) {
  return (
    <th scope="row" class={classes(css.name, css.only)}>
      {instance.name}
    </th>
  );
}

type CellProps = CellsProps & { column: ColumnId; title?: string | undefined; children: ComponentChildren };

function Cell({ column, title, children, ...props }: CellProps) {
  const { instance, node, edits, editing } = props;
  const Tag = column === "name" ? "th" : "td";
  const locked = whyLocked(instance, column);
  const note = noteOf(props, column);
  return (
    <Tag
      scope={column === "name" ? "row" : undefined}
      aria-labelledby={column === "name" ? `name-${instance.id}` : undefined}
      class={classes(css[column], note && css[note.kind])}
      data-column={column}
      tabIndex={-1}
      title={note?.text ?? locked ?? title}
      aria-readonly={locked === undefined ? undefined : "true"}
      aria-invalid={note?.kind === "failed" ? "true" : undefined}
    >
      {editing === column ? (
        <CellEditor instance={instance} node={node} column={column} edits={edits} />
      ) : (
        <>
          {children}
          {note && <span class="visually-hidden"> ({note.text})</span>}
        </>
      )}
    </Tag>
  );
}

/** What is to be said about the edits of a cell, the worst first. */
function noteOf({ instance, node, edits }: CellsProps, column: ColumnId) {
  if (edits === undefined) return undefined;
  const edited = fieldsOf(column).filter((field) => edits[field] !== undefined);
  if (edited.length === 0) return undefined;
  const error = edited.map((field) => edits[field]?.error).find((text) => text !== undefined);
  if (error !== undefined) return { kind: "failed", text: error } as const;
  const contested = edited.find((field) => isContested(instance, edits, field));
  if (contested === undefined) return { kind: "edited", text: "not saved" } as const;
  const live = textOf(contested, valueOf(instance, contested), node);
  return { kind: "contested", text: `changed to ${live} by somebody else meanwhile` } as const;
}

function NameCell(props: CellsProps) {
  const { instance, edits, satellites, collapsed, selected } = props;
  return (
    <Cell {...props} column="name" title={instance.name}>
      {satellites > 0 && (
        <button
          type="button"
          class={css.fold}
          tabIndex={selected ? 0 : -1}
          aria-label={`${collapsed ? "Show" : "Hide"} the satellites of ${instance.name}`}
          aria-expanded={!collapsed}
          onClick={() => toggleFamily(instance.id)}
        >
          <Icon name={collapsed ? "right" : "down"} size={10} />
        </button>
      )}
      {instance.parent !== null && <span class={css.branch}>└ </span>}
      <span id={`name-${instance.id}`}>{shownValue(instance, edits, "name")}</span>
    </Cell>
  );
}

function Environment({ instance, edits }: CellsProps) {
  const parts = [
    ["py", shownValue(instance, edits, "pythonVersion")],
    ["cu", shownValue(instance, edits, "cudaVersion")],
    ["torch", shownValue(instance, edits, "torchVersion")],
  ].filter(([, version]) => version !== null);
  if (parts.length === 0)
    return <span class={css.none}>{instance.kind === "container" ? "its image" : "default"}</span>;
  return <>{parts.map(([label, version]) => `${label} ${version}`).join(" · ")}</>;
}

function Autostart({ instance, edits, tabIndex }: CellsProps & { tabIndex: number }) {
  const locked = whyLocked(instance, "autostart");
  return (
    <input
      type="checkbox"
      aria-label={`Start ${instance.name} with its node`}
      title={locked ?? "Start it again when its node starts"}
      checked={shownValue(instance, edits, "autostart")}
      disabled={locked !== undefined}
      tabIndex={tabIndex}
      onChange={(event) => setEdit(instance, "autostart", event.currentTarget.checked)}
    />
  );
}

/** How long it has been as it is; ticks without rendering the row. */
function Since({ instance }: { instance: Instance }) {
  const since = instance.status === "started" ? (instance.startedAt ?? instance.statusSince) : instance.statusSince;
  return since === null || instance.status === "stopped" ? null : <Age key={since} since={since} />;
}

/** Ticks by itself. It has a key, since what is computed from signals does not see other properties. */
function Age({ since }: { since: string }) {
  return <>{useComputed(() => formatDuration(now.value - Date.parse(since)))}</>;
}
