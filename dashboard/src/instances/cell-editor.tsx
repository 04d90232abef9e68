/** What stands in a cell while it is edited. Enter and leaving keep the value, Esc takes it back, Tab goes on. */
import { useQuery } from "@tanstack/preact-query";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { isVersionField } from "../environment/version-choices.ts";
import { VersionList } from "../environment/version-list.tsx";
import { RESTART_WORDS } from "./restart-words.ts";
import { instancesQuery } from "../api/queries.ts";
import { useBlueprintChoices } from "./blueprint-choices.ts";
import { type ColumnId, COLUMNS } from "./columns.ts";
import css from "./cell-editor.module.css";
import { type Field, type RowEdits, shownValue } from "./edits.ts";
import { readField, writeField } from "./field-text.ts";
import { freePorts } from "./free-ports.ts";
import { editNext, fieldsOf, stopEditing } from "./start-editing.ts";
import { editing, setEdit } from "./unsaved.ts";

type EditorProps = { instance: Instance; node: Node | undefined; column: ColumnId; edits: RowEdits | undefined };

export function CellEditor(props: EditorProps) {
  const { instance, column } = props;
  const frame = useRef<HTMLSpanElement>(null);
  const isPressed = useRef(false);
  useEffect(() => {
    const control = frame.current?.querySelector<HTMLInputElement | HTMLSelectElement>("input, select");
    control?.focus();
    if (control instanceof HTMLInputElement) control.select();
  }, []);
  const keep = (): void => {
    for (const control of frame.current?.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select") ?? [])
      setEdit(instance, control.name as Field, readField(control.name as Field, control.value));
  };
  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    Escape: stopEditing,
    Enter: () => {
      keep();
      stopEditing();
    },
    Tab: (event) => {
      if (isInside(event, frame.current)) return;
      event.preventDefault();
      keep();
      editNext(instance, column, event.shiftKey ? -1 : 1);
    },
  };
  return (
    <span
      ref={frame}
      class={css.editor}
      // Where only the second of two quick clicks came here, the first one opened the editor: they are for the log.
      onMouseDown={(event) => {
        if (event.detail === 1) isPressed.current = true;
        else if (!isPressed.current) event.preventDefault();
      }}
      onDblClick={(event) => (isPressed.current ? event.stopPropagation() : stopEditing())}
      onKeyDown={(event) => {
        // The row and the page have keys of the same names.
        event.stopPropagation();
        keys[event.key]?.(event);
      }}
      onFocusOut={(event) => {
        const stays = event.relatedTarget instanceof Element && frame.current?.contains(event.relatedTarget);
        if (stays || editing.value?.id !== instance.id || editing.value.column !== column) return;
        keep();
        editing.value = null;
      }}
    >
      <Controls {...props} />
    </span>
  );
}

function Controls({ instance, node, column, edits }: EditorProps) {
  if (column === "blueprint")
    return <BlueprintSelect instance={instance} value={shownValue(instance, edits, "blueprint")} />;
  if (column === "port") {
    return <PortSelect instance={instance} node={node} value={shownValue(instance, edits, "port")} />;
  }
  if (column === "restart") {
    const value = shownValue(instance, edits, "restartPolicy");
    return <Select name="restartPolicy" label="Restart" value={value} options={RESTART_WORDS} />;
  }
  const cuda = shownValue(instance, edits, "cudaVersion");
  return fieldsOf(column).map((field) => (
    <Fragment key={field}>
      <input
        name={field}
        aria-label={`${LABELS[field] ?? COLUMNS[column].label} of ${instance.name}`}
        placeholder={LABELS[field] ?? "automatic"}
        title={LABELS[field]}
        list={isVersionField(field) ? `choices-${field}` : undefined}
        autoComplete="off"
        spellcheck={false}
        defaultValue={writeField(field, shownValue(instance, edits, field))}
      />
      {isVersionField(field) && (
        <VersionList id={`choices-${field}`} nodeId={instance.node} field={field} cuda={cuda} />
      )}
    </Fragment>
  ));
}

const LABELS: Readonly<Partial<Record<Field, string>>> = {
  pythonVersion: "Python",
  cudaVersion: "CUDA",
  torchVersion: "Torch",
};

function BlueprintSelect({ instance, value }: { instance: Instance; value: string }) {
  return <Select name="blueprint" label="Blueprint" value={value} options={useBlueprintChoices(instance, value)} />;
}

function PortSelect({ instance, node, value }: { instance: Instance; node: Node | undefined; value: number | null }) {
  const { data = [] } = useQuery(instancesQuery);
  const free = node === undefined ? [] : freePorts(node, data, instance.id);
  const ports = value === null || free.includes(value) ? free : [value, ...free];
  const options = [
    { value: "", label: "auto" },
    ...ports.map((port) => ({ value: String(port), label: String(port) })),
  ];
  return <Select name="port" label="Port" value={String(value ?? "")} options={options} />;
}

type SelectProps = {
  name: Field;
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
};

function Select({ name, label, value, options }: SelectProps) {
  return (
    <select name={name} aria-label={label}>
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** Whether Tab stays among the controls of one cell. */
function isInside(event: KeyboardEvent, frame: HTMLElement | null): boolean {
  const controls = [...(frame?.querySelectorAll("input, select") ?? [])];
  const at = controls.indexOf(event.target as Element);
  return controls[at + (event.shiftKey ? -1 : 1)] !== undefined;
}
