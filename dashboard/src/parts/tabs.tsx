/** Tabs: one of several contents below a row of names, chosen by pointer or arrow keys. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId } from "preact/hooks";
import { classes } from "./classes.ts";
import css from "./tabs.module.css";

export type Tab<Context> = { id: string; label: string; show: (context: Context) => ComponentChildren };

type TabsProps<Context> = {
  label: string;
  tabs: readonly Tab<Context>[];
  /** The id of one; the first is shown where there is none of that id. */
  chosen: string;
  onChoose: (id: string) => void;
  context: Context;
  /** Stands at the end of the row of names. */
  tools?: ComponentChildren;
  /** Stands in the panel whatever is chosen. */
  children?: ComponentChildren;
  panelProps?: JSX.HTMLAttributes<HTMLDivElement>;
};

export function Tabs<Context>(props: TabsProps<Context>) {
  const { label, tabs, chosen, onChoose, context, tools, children, panelProps } = props;
  const prefix = useId();
  const current = tabs.find(({ id }) => id === chosen) ?? tabs[0];
  const idOf = (id: string): string => `${prefix}-${id}`;
  // Where there is little room the row of names is scrolled.
  useEffect(() => {
    if (current) document.getElementById(idOf(current.id))?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current?.id]);
  if (!current) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The arrows up and down are the table's on this page, but not from here.
    if (step !== undefined || event.key.startsWith("Arrow")) event.preventDefault();
    const next = step === undefined ? undefined : tabs.at((tabs.indexOf(current) + step) % tabs.length);
    if (!next) return;
    onChoose(next.id);
    document.getElementById(idOf(next.id))?.focus();
  };
  return (
    <>
      <div class={css.row}>
        <div class={css.list} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
          {tabs.map(({ id, label: name }) => (
            <button
              key={id}
              id={idOf(id)}
              type="button"
              role="tab"
              class={classes(css.tab, id === current.id && css.current)}
              aria-selected={id === current.id}
              aria-controls={`${prefix}-panel`}
              tabIndex={id === current.id ? 0 : -1}
              onClick={() => onChoose(id)}
            >
              {name}
            </button>
          ))}
        </div>
        {tools}
      </div>
      <div {...panelProps} class={css.panel} id={`${prefix}-panel`} role="tabpanel" aria-labelledby={idOf(current.id)}>
        {current.show(context)}
        {children}
      </div>
    </>
  );
}
