/** The views of an instance that share the pane. A further one is a line in the list and a case in the pane. */
import { classes } from "../parts/classes.ts";
import { paneTab } from "./selection.ts";
import css from "./tabs.module.css";

export const TABS = [
  { id: "log", label: "Log" },
  { id: "files", label: "Files" },
] as const;
export type Tab = (typeof TABS)[number]["id"];

export function PaneTabs() {
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const index = TABS.findIndex(({ id }) => id === paneTab.value);
    const next = TABS[(index + by + TABS.length) % TABS.length];
    if (!next) return;
    paneTab.value = next.id;
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <div class={css.tabs} role="tablist" aria-label="Views" onKeyDown={move}>
      {TABS.map(({ id, label }) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          class={classes(css.tab, paneTab.value === id && css.chosen)}
          aria-selected={paneTab.value === id}
          tabIndex={paneTab.value === id ? 0 : -1}
          onClick={() => (paneTab.value = id)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
