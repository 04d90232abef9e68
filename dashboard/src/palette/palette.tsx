/** The command palette: type a few letters of what you want, press Enter. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { blueprintsQuery, instancesQuery, jobsQuery, nodesQuery } from "../api/queries.ts";
import { mcpServersQuery } from "../mcp/queries.ts";
import { classes } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { allCommands, type Command } from "./commands.ts";
import { rank } from "./fuzzy.ts";
import css from "./palette.module.css";
import { recentFirst, remember } from "./recent.ts";

const MOST_SHOWN = 40;

export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const listId = useId();
  const found = useFound(text);
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  useEffect(() => document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    remember(command.id);
    onClose();
    command.act();
  };
  const go = (to: number): void => setAt(found.length === 0 ? 0 : (to + found.length) % found.length);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Enter: () => run(found[at]),
  };
  return (
    <dialog
      ref={dialog}
      class={css.palette}
      aria-label="Command palette"
      onCancel={onClose}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <input
        class={css.field}
        role="combobox"
        aria-label="Find an instance, a page or what to do"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
        placeholder="start comfy…"
        autoComplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (act === undefined) return;
          event.preventDefault();
          act();
        }}
      />
      <Options id={listId} found={found} at={at} onPoint={setAt} onRun={run} />
      {found.length === 0 && (
        <p class={css.none} role="status">
          Nothing is called so. Try fewer letters.
        </p>
      )}
    </dialog>
  );
}

type OptionsProps = {
  id: string;
  found: readonly Command[];
  at: number;
  onPoint: (at: number) => void;
  onRun: (command: Command) => void;
};

function Options({ id, found, at, onPoint, onRun }: OptionsProps) {
  return (
    <div id={id} class={css.list} role="listbox" aria-label="Found">
      {found.map((command, index) => (
        <div
          key={command.id}
          id={`${id}-${index}`}
          class={classes(css.option, index === at && css.active)}
          role="option"
          aria-selected={index === at}
          onPointerMove={() => onPoint(index)}
          onClick={() => onRun(command)}
        >
          <Icon name={command.icon} />
          <span class={css.label}>{command.label}</span>
          <span class={css.about}>{command.about}</span>
          {command.shortcut && <kbd>{command.shortcut}</kbd>}
        </div>
      ))}
    </div>
  );
}

function useFound(text: string): readonly Command[] {
  const { data: instances = [] } = useQuery(instancesQuery);
  const { data: nodes = [] } = useQuery(nodesQuery);
  const { data: blueprints = [] } = useQuery(blueprintsQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  const { data: servers = [] } = useQuery(mcpServersQuery);
  const [, navigate] = useLocation();
  const all = useMemo(
    () => recentFirst(allCommands({ instances, nodes, blueprints, jobs, servers }, navigate)),
    [instances, nodes, blueprints, jobs, servers],
  );
  return useMemo(() => rank(all, text, ({ label }) => label).slice(0, MOST_SHOWN), [all, text]);
}
