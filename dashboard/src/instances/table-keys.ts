/** The keys of the instances page. */
import { useMemo } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { blockedFor } from "../api/session.ts";
import type { Shortcuts } from "../shell/keys.ts";
import { toast } from "../shell/toasts.tsx";
import { act, canStart } from "./actions.ts";
import { pick, pickAll } from "./batch/picked.ts";
import { paneOpen, selectedId, showLog, showTab } from "./selection.ts";
import { edits } from "./unsaved.ts";

export function useTableKeys(
  rows: readonly Instance[],
  selected: Instance | undefined,
  field: { current: HTMLInputElement | null },
  askDelete: (id: string) => void,
  ask: { onAdd: () => void; onSave: () => void },
): Shortcuts {
  return useMemo(() => {
    const go = (to: (index: number) => number) => (event: KeyboardEvent) => {
      if (inPane(event)) return;
      event.preventDefault();
      const index = rows.findIndex((row) => row.id === selectedId.value);
      focusRow(rows[Math.min(rows.length - 1, Math.max(0, to(index)))]?.id);
    };
    /** For what needs a selected instance, and a person who may. */
    const operate = (action: (instance: Instance) => void) => () => {
      const blocked = blockedFor("operator");
      if (selected && blocked) toast(blocked);
      else if (selected && selected.desired !== "deleted") action(selected);
    };
    return {
      ArrowDown: go((index) => index + 1),
      ArrowUp: go((index) => index - 1),
      Home: go(() => 0),
      End: go(() => rows.length - 1),
      Enter: (event: KeyboardEvent) => {
        // On a button or link, Enter is that one's.
        const onControl =
          event.target instanceof Element && event.target.closest("button, a, [role=separator]") !== null;
        if (selected && !onControl) showLog(selected.id);
      },
      Escape: closePane,
      o: operate((instance) => {
        if (!canStart(instance)) window.open(`/open/${instance.id}`, "_blank", "noopener");
        else toast(`${instance.name} is not running: press s to start it.`);
      }),
      s: operate((instance) => void act(instance, canStart(instance) ? "start" : "stop")),
      r: operate((instance) => void (canStart(instance) ? undefined : act(instance, "restart"))),
      t: operate((instance) => showTab(instance.id, "terminal")),
      a: ask.onAdd,
      "Mod+s": (event: KeyboardEvent) => {
        if (inPane(event) || edits.value.size === 0) return;
        event.preventDefault();
        ask.onSave();
      },
      "Mod+a": (event: KeyboardEvent) => {
        if (inPane(event) || event.target instanceof HTMLInputElement) return;
        event.preventDefault();
        pickAll(rows.map(({ id }) => id));
      },
      x: () => selected && pick(selected.id, false, []),
      Delete: operate((instance) => askDelete(instance.id)),
      "/": (event: KeyboardEvent) => {
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      },
    };
  }, [rows, selected, field, askDelete, ask]);
}

function inPane(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest("section, [role=separator]") !== null;
}

export function closePane(): void {
  if (!paneOpen.value) return;
  paneOpen.value = false;
  focusRow(selectedId.value ?? undefined);
}

export function focusRow(id: string | undefined): void {
  if (id === undefined) return;
  selectedId.value = id;
  const row = document.getElementById(`row-${id}`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}
