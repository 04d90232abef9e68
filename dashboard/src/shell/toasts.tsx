/** Short messages that come and go; screen readers hear them. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { explain } from "../api/errors.ts";
import { IconButton } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import css from "./toasts.module.css";

type Toast = { id: number; text: string; bad: boolean };

const toasts = signal<readonly Toast[]>([]);
const SHOWN_MS = 4_500;
const ERROR_SHOWN_MS = 10_000;
let lastId = 0;

export function toast(text: string): void {
  add(text, false);
}

export function toastError(error: unknown): void {
  add(explain(error), true);
}

function add(text: string, bad: boolean): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value.slice(-3), { id, text, bad }];
  setTimeout(() => dismiss(id), bad ? ERROR_SHOWN_MS : SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((entry) => entry.id !== id);
}

export function Toasts() {
  const region = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  // As a popover it stands above an open dialog; shown again, it comes to the top.
  useEffect(() => {
    if (region.current?.matches(":popover-open")) region.current.hidePopover();
    if (shown.length > 0) region.current?.showPopover();
  }, [shown]);
  return (
    <div ref={region} class={css.region} popover="manual" role="status" aria-live="polite">
      {shown.map((entry) => (
        <div key={entry.id} class={classes(css.toast, entry.bad && css.bad)}>
          <span>{entry.text}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(entry.id)} />
        </div>
      ))}
    </div>
  );
}
