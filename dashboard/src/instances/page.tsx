/** The instances: one dense table, and the selected one's log below it. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { instancesQuery, nodesQuery } from "../api/queries.ts";
import { later } from "../parts/later.tsx";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { isWelcomeWanted } from "../welcome/wanted.ts";
import { useShortcuts } from "../shell/keys.ts";
import { AskedDialog } from "./asked-dialog.tsx";
import { pick, picked } from "./batch/picked.ts";
import { settle } from "./edits.ts";
import css from "./page.module.css";
import type { RowVerbs } from "./row.tsx";
import { countGroups, type Group } from "./rows.ts";
import { paneOpen, selectedId, showLog } from "./selection.ts";
import { Split } from "./split.tsx";
import { InstanceTable } from "./table.tsx";
import type { TableAsk } from "./table-ask.ts";
import { closePane, focusRow, useTableKeys } from "./table-keys.ts";
import { Toolbar } from "./toolbar.tsx";
import { edits } from "./unsaved.ts";
import { useFamilyMoves } from "./use-family-moves.ts";
import { useRows } from "./use-rows.ts";

const BatchBar = later(async () => (await import("./batch/batch-bar.tsx")).BatchBar);
const InstancePane = later(async () => (await import("./pane.tsx")).InstancePane);
const ColumnMenu = later(async () => (await import("./column-menu.tsx")).ColumnMenu);
const DraftRow = later(async () => (await import("./draft-row.tsx")).DraftRow);
const RowMenu = later(async () => (await import("./row-menu.tsx")).RowMenu);
const SaveDialog = later(async () => (await import("./save-dialog.tsx")).SaveDialog);
const Welcome = later(async () => (await import("../welcome/welcome.tsx")).Welcome);

const NONE: Instance[] = [];
const select = (id: string): void => {
  selectedId.value = id;
};

/** What stands over the page, one at a time. */
type Over =
  | { kind: "asked"; id: string; to: TableAsk }
  | { kind: "menu"; id: string; x: number; y: number }
  | { kind: "columns"; x: number; y: number }
  | { kind: "save" };

export function InstancesPage() {
  const { data = NONE, error, isPending } = useQuery(instancesQuery);
  const nodes = useNodes();
  const [text, setText] = useState("");
  const [group, setGroup] = useState<Group>("all");
  const [over, setOver] = useState<Over | null>(null);
  const [adding, setAdding] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  const { families, rows, shown } = useRows(data, nodes, text, group);
  const { onMove, onMoveBy } = useFamilyMoves(families);
  const selected = data.find((instance) => instance.id === selectedId.value);
  const verbs = useVerbs(rows, onMove, setOver);
  const ask = useMemo(() => ({ onAdd: () => setAdding(true), onSave: () => setOver({ kind: "save" }) }), []);
  const loaded = data.length > 0;
  // Back from another page, or from installing something: the selected row is in sight.
  useEffect(() => document.getElementById(`row-${selectedId.value}`)?.scrollIntoView({ block: "nearest" }), [loaded]);
  useSettledEdits(data, !isPending && !error);
  useShortcuts(useTableKeys(rows, selected, field, verbs.onDelete, ask));

  const table = (
    <>
      <InstanceTable
        families={families}
        rows={rows}
        shown={shown}
        nodes={nodes}
        selectedId={selectedId.value}
        verbs={verbs}
        onMoveBy={onMoveBy}
      >
        {adding && <DraftRow onClose={() => setAdding(false)} />}
      </InstanceTable>
      {loaded && rows.length === 0 && <EmptyPlace title="Nothing matches the filter" />}
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
        onAdd={ask.onAdd}
        onColumns={(x, y) => setOver({ kind: "columns", x, y })}
        onSave={ask.onSave}
      />
      {picked.value.size > 0 && <BatchBar instances={data} />}
      <ErrorNotice error={error} />
      <Split
        top={loaded || adding ? table : !isPending && !error && <NothingYet nodes={nodes.size} />}
        bottom={
          selected && paneOpen.value ? (
            <InstancePane
              instance={selected}
              node={nodes.get(selected.node)}
              onAsk={(to) => setOver({ kind: "asked", id: selected.id, to })}
              onMenu={(x, y) => verbs.onMenu(selected.id, x, y)}
              onClose={closePane}
            />
          ) : isWelcomeWanted() ? (
            <Welcome />
          ) : null
        }
      />
      {over && <Overlay over={over} instances={data} nodes={nodes} setOver={setOver} />}
    </div>
  );
}

type OverlayProps = {
  over: Over;
  instances: readonly Instance[];
  nodes: ReadonlyMap<string, Node>;
  setOver: (over: Over | null) => void;
};

function Overlay({ over, instances, nodes, setOver }: OverlayProps) {
  const onClose = (): void => setOver(null);
  if (over.kind === "columns") return <ColumnMenu x={over.x} y={over.y} onClose={onClose} />;
  if (over.kind === "save") return <SaveDialog instances={instances} nodes={nodes} onClose={onClose} />;
  const instance = instances.find(({ id }) => id === over.id);
  if (instance === undefined) return null;
  const about = { instance, node: nodes.get(instance.node), onClose };
  if (over.kind === "asked") return <AskedDialog ask={over.to} {...about} />;
  return <RowMenu {...about} x={over.x} y={over.y} onAsk={(to) => setOver({ kind: "asked", id: over.id, to })} />;
}

/** The same object for as long as the page is shown: the rows are made again only for what they show. */
function useVerbs(rows: readonly Instance[], onMove: RowVerbs["onMove"], setOver: (over: Over) => void): RowVerbs {
  const newest = useRef(rows);
  newest.current = rows;
  return useMemo(
    () => ({
      onSelect: select,
      onLog: showLog,
      onDelete: (id) => setOver({ kind: "asked", id, to: "delete" }),
      onMenu: (id, x, y) => {
        select(id);
        setOver({ kind: "menu", id, x, y });
      },
      onPick: (id, range) =>
        pick(
          id,
          range,
          newest.current.map((row) => row.id),
        ),
      onMove,
    }),
    [onMove],
  );
}

/** What came true elsewhere is no edit any more. */
function useSettledEdits(instances: readonly Instance[], areRead: boolean): void {
  useEffect(() => {
    if (areRead) edits.value = settle(edits.value, instances);
  }, [instances]);
}

function useNodes(): ReadonlyMap<string, Node> {
  const { data } = useQuery(nodesQuery);
  return useMemo(() => new Map((data ?? []).map((node) => [node.id, node])), [data]);
}

function NothingYet({ nodes }: { nodes: number }) {
  return nodes === 0 ? (
    <EmptyPlace title="No node yet">
      <p>
        A node is a machine that runs your apps. <Link href="/nodes/add">Add one</Link>: it takes one line in its
        terminal.
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
