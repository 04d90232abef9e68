/** The instances: one dense table, and the selected one's log below it. */
import { useQuery } from "@tanstack/preact-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { instancesQuery, nodesQuery } from "../api/queries.ts";
import { later } from "../parts/later.tsx";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { isWelcomeWanted } from "../welcome/wanted.ts";
import { useShortcuts } from "../shell/keys.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { type Ask, InstancePane } from "./pane.tsx";
import { countGroups, filterInstances, type Group, sortInstances } from "./rows.ts";
import { paneOpen, selectedId, showLog } from "./selection.ts";
import { Split } from "./split.tsx";
import css from "./page.module.css";
import { closePane, focusRow, useTableKeys } from "./table-keys.ts";
import { InstanceTable, sortDescending, sortKey } from "./table.tsx";
import { Toolbar } from "./toolbar.tsx";

const ShareDialog = later(async () => (await import("../shares/share-dialog.tsx")).ShareDialog);
const SatelliteDialog = later(async () => (await import("./satellite-dialog.tsx")).SatelliteDialog);
const Welcome = later(async () => (await import("../welcome/welcome.tsx")).Welcome);
const UploadDialog = later(async () => (await import("../uploads/upload-dialog.tsx")).UploadDialog);

const NONE: Instance[] = [];
const select = (id: string): void => {
  selectedId.value = id;
};

export function InstancesPage() {
  const { data = NONE, error, isPending } = useQuery(instancesQuery);
  const nodes = useNodes();
  const [text, setText] = useState("");
  const [group, setGroup] = useState<Group>("all");
  const [asked, setAsked] = useState<{ id: string; to: Ask } | null>(null);
  const field = useRef<HTMLInputElement>(null);

  const sorting = { key: sortKey.value, descending: sortDescending.value };
  const sorted = useMemo(() => sortInstances(data, nodes, sorting), [data, nodes, sorting.key, sorting.descending]);
  const rows = useMemo(() => filterInstances(sorted, nodes, text, group), [sorted, nodes, text, group]);
  const shown = useMemo(() => new Set(rows.map((row) => row.id)), [rows]);
  const selected = data.find((instance) => instance.id === selectedId.value);
  const askedFor = data.find((instance) => instance.id === asked?.id);
  const askDelete = useCallback((id: string) => setAsked({ id, to: "delete" }), []);
  const loaded = data.length > 0;
  // Back from another page, or from installing something: the selected row is in sight.
  useEffect(() => document.getElementById(`row-${selectedId.value}`)?.scrollIntoView({ block: "nearest" }), [loaded]);
  useShortcuts(useTableKeys(rows, selected, field, askDelete));

  const table = (
    <>
      <InstanceTable
        instances={sorted}
        shown={shown}
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
      <ErrorNotice error={error} />
      <Split
        top={loaded ? table : !isPending && !error && <NothingYet nodes={nodes.size} />}
        bottom={
          selected && paneOpen.value ? (
            <InstancePane
              instance={selected}
              node={nodes.get(selected.node)}
              onAsk={(to) => setAsked({ id: selected.id, to })}
              onClose={closePane}
            />
          ) : isWelcomeWanted() ? (
            <Welcome />
          ) : null
        }
      />
      {askedFor && asked && (
        <AskedDialog
          ask={asked.to}
          instance={askedFor}
          node={nodes.get(askedFor.node)}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

type AskedProps = { ask: Ask; instance: Instance; node: Node | undefined; onClose: () => void };

function AskedDialog({ ask, instance, node, onClose }: AskedProps) {
  switch (ask) {
    case "delete":
      return <DeleteDialog instance={instance} onClose={onClose} />;
    case "edit":
      return <EditDialog instance={instance} node={node} onClose={onClose} />;
    case "satellite":
      return <SatelliteDialog parent={instance} node={node} onClose={onClose} />;
    case "share":
      return <ShareDialog instance={instance} onClose={onClose} />;
    case "upload":
      return <UploadDialog instance={instance} onClose={onClose} />;
  }
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
