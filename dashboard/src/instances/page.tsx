/** The instances: one dense table, and the selected one's log below it. */
import { useQuery } from "@tanstack/preact-query";
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { Instance, Node } from "@roundhouse/protocol/api";
import { instancesQuery, nodesQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { useShortcuts } from "../shell/keys.ts";
import { toast } from "../shell/toasts.tsx";
import { act, canStart } from "./actions.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { InstancePane } from "./pane.tsx";
import { countGroups, filterInstances, type Group, sortInstances } from "./rows.ts";
import { paneOpen, selectedId, showLog } from "./selection.ts";
import { Split } from "./split.tsx";
import css from "./page.module.css";
import { InstanceTable, sortDescending, sortKey } from "./table.tsx";
import { Toolbar } from "./toolbar.tsx";

const NONE: Instance[] = [];
const select = (id: string): void => {
  selectedId.value = id;
};

export function InstancesPage() {
  const { data = NONE, error, isPending } = useQuery(instancesQuery);
  const nodes = useNodes();
  const [text, setText] = useState("");
  const [group, setGroup] = useState<Group>("all");
  const [asked, setAsked] = useState<{ id: string; to: "delete" | "edit" } | null>(null);
  const field = useRef<HTMLInputElement>(null);

  const sorting = { key: sortKey.value, descending: sortDescending.value };
  const rows = useMemo(
    () => sortInstances(filterInstances(data, nodes, text, group), nodes, sorting),
    [data, nodes, text, group, sorting.key, sorting.descending],
  );
  const selected = data.find((instance) => instance.id === selectedId.value);
  const askedFor = data.find((instance) => instance.id === asked?.id);
  const askDelete = useCallback((id: string) => setAsked({ id, to: "delete" }), []);
  useShortcuts(useTableKeys(rows, selected, field, askDelete));

  const table =
    data.length === 0 ? (
      !isPending && !error && <NothingYet nodes={nodes.size} />
    ) : (
      <>
        <InstanceTable
          instances={rows}
          nodes={nodes}
          selectedId={selectedId.value}
          onSelect={select}
          onLog={showLog}
          onDelete={askDelete}
        />
        {rows.length === 0 && <EmptyPlace title="Nothing matches the filter" />}
      </>
    );
  return (
    <div class={css.page}>
      <Toolbar
        field={field}
        text={text}
        onText={setText}
        group={group}
        onGroup={setGroup}
        counts={countGroups(data)}
        onLeave={() => focusRow(selected?.id ?? rows[0]?.id)}
      />
      {error && (
        <div class={css.error}>
          <ErrorNotice error={error} />
        </div>
      )}
      <Split
        top={table}
        bottom={
          selected && paneOpen.value ? (
            <InstancePane
              instance={selected}
              node={nodes.get(selected.node)}
              onEdit={() => setAsked({ id: selected.id, to: "edit" })}
              onDelete={() => askDelete(selected.id)}
              onClose={closePane}
            />
          ) : null
        }
      />
      {askedFor && asked?.to === "delete" && <DeleteDialog instance={askedFor} onClose={() => setAsked(null)} />}
      {askedFor && asked?.to === "edit" && (
        <EditDialog instance={askedFor} node={nodes.get(askedFor.node)} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

function useNodes(): ReadonlyMap<string, Node> {
  const { data } = useQuery(nodesQuery);
  return useMemo(() => new Map((data ?? []).map((node) => [node.id, node])), [data]);
}

function useTableKeys(
  rows: readonly Instance[],
  selected: Instance | undefined,
  field: { current: HTMLInputElement | null },
  askDelete: (id: string) => void,
) {
  return useMemo(() => {
    const index = rows.findIndex((row) => row.id === selected?.id);
    const go = (to: number) => (event: KeyboardEvent) => {
      if (inPane(event)) return;
      event.preventDefault();
      focusRow(rows[Math.min(rows.length - 1, Math.max(0, to))]?.id);
    };
    /** For what needs a selected instance, and a person who may. */
    const operate = (action: (instance: Instance) => void) => () => {
      const blocked = blockedFor("operator");
      if (selected && blocked) toast(blocked);
      else if (selected && selected.desired !== "deleted") action(selected);
    };
    return {
      ArrowDown: go(index + 1),
      ArrowUp: go(index < 0 ? 0 : index - 1),
      Home: go(0),
      End: go(rows.length - 1),
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
      Delete: operate((instance) => askDelete(instance.id)),
      "/": (event: KeyboardEvent) => {
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      },
    };
  }, [rows, selected, field, askDelete]);
}

function inPane(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest("section, [role=separator]") !== null;
}

function closePane(): void {
  if (!paneOpen.value) return;
  paneOpen.value = false;
  focusRow(selectedId.value ?? undefined);
}

function focusRow(id: string | undefined): void {
  if (id === undefined) return;
  selectedId.value = id;
  const row = document.getElementById(`row-${id}`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function NothingYet({ nodes }: { nodes: number }) {
  return nodes === 0 ? (
    <EmptyPlace title="No node yet">
      <p>
        A node is a machine that runs your apps. <Link href="/nodes">Add one</Link>: it takes one line in its terminal.
      </p>
    </EmptyPlace>
  ) : (
    <EmptyPlace title="The stalls are empty">
      <p>
        Choose an app in the <Link href="/catalogue">catalogue</Link>: it is installed on a node and opens at its own
        URL.
      </p>
    </EmptyPlace>
  );
}
