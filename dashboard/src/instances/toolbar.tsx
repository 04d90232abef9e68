/** Above the table: filter by word and by state, and the way to something new. */
import type { RefObject } from "preact";
import { useLocation } from "wouter-preact";
import { Button } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import { type Group, GROUPS } from "./rows.ts";
import css from "./toolbar.module.css";

type ToolbarProps = {
  field: RefObject<HTMLInputElement>;
  text: string;
  onText: (text: string) => void;
  group: Group;
  onGroup: (group: Group) => void;
  counts: Readonly<Record<Group, number>>;
  /** Arrow down leaves the field for the table. */
  onLeave: () => void;
};

const LABELS: Readonly<Record<Group, string>> = {
  all: "All",
  running: "Running",
  busy: "Busy",
  stopped: "Stopped",
  problem: "Problems",
};

export function Toolbar({ field, text, onText, group, onGroup, counts, onLeave }: ToolbarProps) {
  const [, navigate] = useLocation();
  return (
    <div class={css.toolbar} role="toolbar" aria-label="Instances">
      <h1 class="visually-hidden">Instances</h1>
      <input
        ref={field}
        class={css.filter}
        type="search"
        placeholder="Filter  /"
        aria-label="Filter instances"
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onText("");
          if (event.key !== "ArrowDown" && event.key !== "Escape" && event.key !== "Enter") return;
          event.preventDefault();
          // The rows that the filter hid are back by then.
          requestAnimationFrame(onLeave);
        }}
      />
      <div class={css.groups} role="group" aria-label="By state">
        {GROUPS.map((name) => (
          <button
            key={name}
            type="button"
            class={classes(
              css.group,
              name === group && css.chosen,
              name === "problem" && counts[name] > 0 && css.alarm,
            )}
            aria-pressed={name === group}
            onClick={() => onGroup(name)}
          >
            {LABELS[name]} <b>{counts[name]}</b>
          </button>
        ))}
      </div>
      <span class={css.space} />
      <Button icon="plus" look="primary" onClick={() => navigate("/catalogue")}>
        Install
      </Button>
    </div>
  );
}
