/** Above the table: filter by word and by state, and the way to something new. */
import type { RefObject } from "preact";
import { useLocation } from "wouter-preact";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import { type Group, GROUPS } from "./rows.ts";
import css from "./toolbar.module.css";
import { discardEdits, edits } from "./unsaved.ts";

type ToolbarProps = {
  field: RefObject<HTMLInputElement>;
  text: string;
  onText: (text: string) => void;
  group: Group;
  onGroup: (group: Group) => void;
  counts: Readonly<Record<Group, number>>;
  /** Arrow down leaves the field for the table. */
  onLeave: () => void;
  /** A new row at the bottom. */
  onAdd: () => void;
  /** The choice of columns, at a place of the window. */
  onColumns: (x: number, y: number) => void;
  onSave: () => void;
};

const LABELS: Readonly<Record<Group, string>> = {
  all: "All",
  running: "Running",
  busy: "Busy",
  stopped: "Stopped",
  problem: "Problems",
};

export function Toolbar({ field, text, onText, group, onGroup, counts, onLeave, ...rest }: ToolbarProps) {
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
      <Unsaved onSave={rest.onSave} />
      <span class={css.wide}>
        <Button
          icon="settings"
          aria-haspopup="menu"
          onClick={(event) => {
            const { left, bottom } = event.currentTarget.getBoundingClientRect();
            rest.onColumns(left, bottom + 4);
          }}
        >
          Columns
        </Button>
      </span>
      <Button icon="plus" blocked={blockedFor("operator")} onClick={rest.onAdd}>
        Add
      </Button>
      <Button icon="catalogue" look="primary" onClick={() => navigate("/catalogue")}>
        Install
      </Button>
    </div>
  );
}

/** Only there while something is not saved. */
function Unsaved({ onSave }: { onSave: () => void }) {
  const count = edits.value.size;
  if (count === 0) return null;
  return (
    <>
      <Button onClick={discardEdits}>Discard</Button>
      <Button icon="check" look="primary" onClick={onSave}>
        Save changes ({count})
      </Button>
    </>
  );
}
