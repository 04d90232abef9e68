/** What lies in a folder: one row each, sorted, worked with the keys of a file manager. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { FileEntry } from "@roundhouse/protocol/files";
import { now } from "../live/now.ts";
import { IconButton } from "../parts/button.tsx";
import { formatBytes, formatRelative } from "../parts/format.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import css from "./files.module.css";
import { mediaKindOf, type SortKey, type Sorting } from "./kinds.ts";

export type FileVerb = "open" | "rename" | "delete" | "download";

type TableProps = {
  label: string;
  entries: readonly FileEntry[];
  sorting: Sorting;
  onSort: (key: SortKey) => void;
  /** Which row has the focus first: what one came back from. */
  focus: string | undefined;
  /** Why nothing may be changed, if so. */
  blocked: string | undefined;
  isDirty: (name: string) => boolean;
  onAct: (verb: FileVerb, entry: FileEntry) => void;
  onUp: () => void;
};

const COLUMNS: readonly { key: SortKey; label: string }[] = [
  { key: "name", label: "Name" },
  { key: "size", label: "Size" },
  { key: "modified", label: "Modified" },
];

export function FileTable(props: TableProps) {
  const { label, entries, sorting, onSort, focus, onAct, onUp } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = useState(focus);
  const found = entries.findIndex(({ name }) => name === current);
  const index = Math.max(0, found);
  const focusRow = (to: number): void => {
    const row = body.current?.rows[Math.min(entries.length - 1, Math.max(0, to))];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  // Back from a folder or a file: the keys go on where they were.
  useEffect(() => {
    if (focus !== undefined) focusRow(index);
  }, []);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focusRow(index + 1),
    ArrowUp: () => focusRow(index - 1),
    Home: () => focusRow(0),
    End: () => focusRow(entries.length - 1),
    Backspace: onUp,
    Enter: () => entries[index] && onAct("open", entries[index]),
    F2: () => entries[index] && onAct("rename", entries[index]),
    Delete: () => entries[index] && onAct("delete", entries[index]),
  };
  return (
    <table class={css.table} aria-label={label}>
      <thead>
        <tr>
          {COLUMNS.map(({ key, label }) => (
            <th
              key={key}
              class={css[key]}
              aria-sort={sorting.key === key ? (sorting.descending ? "descending" : "ascending") : undefined}
            >
              <button type="button" class={css.sort} onClick={() => onSort(key)}>
                {label}
                {sorting.key === key && <Icon name={sorting.descending ? "down" : "up"} size={10} />}
              </button>
            </th>
          ))}
          <th class={css.actions}>
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody
        ref={body}
        onKeyDown={(event) => {
          const act = keys[event.key];
          const isOnRow = event.target instanceof HTMLTableRowElement;
          if (!act || !isOnRow || event.ctrlKey || event.metaKey || event.altKey) return;
          // The page behind has keys of the same names.
          event.preventDefault();
          act();
        }}
      >
        {entries.map((entry, at) => (
          <FileRow
            key={entry.name}
            {...props}
            entry={entry}
            tabIndex={at === index ? 0 : -1}
            onFocus={() => setCurrent(entry.name)}
          />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Pick<TableProps, "blocked" | "isDirty" | "onAct"> & {
  entry: FileEntry;
  tabIndex: number;
  onFocus: () => void;
};

function FileRow({ entry, tabIndex, blocked, isDirty, onAct, onFocus }: RowProps) {
  const { name, kind, size, modifiedAt, target } = entry;
  const isFile = kind === "file";
  return (
    <tr class={css.row} tabIndex={tabIndex} onFocus={onFocus} onDblClick={() => onAct("open", entry)}>
      <td class={css.name}>
        <button type="button" class={css.entry} tabIndex={-1} onClick={() => onAct("open", entry)}>
          <Icon name={iconOf(entry)} />
          <span>{shownName(name)}</span>
        </button>
        {target !== null && <span class={css.target}> → {target}</span>}
        {isDirty(name) && <span class={css.dirty}> ● not saved</span>}
      </td>
      <td class={css.size}>{size === null ? "" : formatBytes(size)}</td>
      <td class={css.modified} title={new Date(modifiedAt).toLocaleString()}>
        {formatRelative(modifiedAt, now.value)}
      </td>
      <td class={css.actions}>
        {isFile && (
          <IconButton
            icon="download"
            label={`Download ${name}`}
            tabIndex={tabIndex}
            blocked={blocked}
            onClick={() => onAct("download", entry)}
          />
        )}
        <IconButton
          icon="pencil"
          label={`Rename ${name}`}
          tabIndex={tabIndex}
          blocked={blocked}
          onClick={() => onAct("rename", entry)}
        />
        <IconButton
          icon="trash"
          tone="bad"
          label={`Delete ${name}`}
          tabIndex={tabIndex}
          blocked={blocked}
          onClick={() => onAct("delete", entry)}
        />
      </td>
    </tr>
  );
}

function iconOf({ kind, name }: FileEntry): IconName {
  if (kind === "folder") return "folder";
  if (kind === "link") return "link";
  return mediaKindOf(name) === undefined ? "file" : "image";
}

/** A control character is shown as a sign for it: it could turn the rest of the line around. */
function shownName(name: string): string {
  return name.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\u2423");
}
