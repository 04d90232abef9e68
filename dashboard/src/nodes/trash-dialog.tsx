/** What lies in a node's trash: back to an instance, or gone for good. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { TrashEntry } from "@roundhouse/protocol/api/trash";
import { call } from "../api/call.ts";
import { instancesQuery, queryClient, trashQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { showLog } from "../instances/selection.ts";
import { now } from "../live/now.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { formatBytes, formatRelative, plural } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import css from "./trash-dialog.module.css";

/** One entry, or all that can be emptied. */
type Doomed = { name: string; path: string };

export function TrashDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const { data: entries = [], error, isPending } = useQuery(trashQuery(node.id));
  const [doomed, setDoomed] = useState<Doomed | null>(null);
  const path = `/api/nodes/${node.id}/trash`;
  const own = entries.filter(({ deletedAt }) => deletedAt !== null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: trashQuery(node.id).queryKey });

  if (doomed) {
    const remove = async (): Promise<void> => {
      await call("DELETE", doomed.path);
      await refresh();
    };
    return (
      <RemoveDialog name={doomed.name} remove={remove} onClose={() => setDoomed(null)}>
        <p>Its files are deleted from {node.name}. This cannot be undone. Outputs stay.</p>
      </RemoveDialog>
    );
  }
  return (
    <Dialog
      wide
      title={`Trash of ${node.name}`}
      onClose={onClose}
      footer={
        <>
          <Button
            icon="trash"
            look="danger"
            blocked={blockedFor("operator") ?? (own.length === 0 ? "There is nothing to empty." : undefined)}
            onClick={() => setDoomed({ name: `${plural(own.length, "instance")} in the trash`, path })}
          >
            Empty
          </Button>
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      <ErrorNotice error={error} />
      {isPending && !error && <p>Asking the node…</p>}
      {!isPending && !error && entries.length === 0 && (
        <EmptyPlace title="The trash is empty">
          <p>Instances that are deleted into the trash wait here until you restore or remove them.</p>
        </EmptyPlace>
      )}
      <ul class={css.entries} aria-label="In the trash">
        {entries.map((entry) => (
          <Entry
            key={entry.id}
            entry={entry}
            path={`${path}/${encodeURIComponent(entry.id)}`}
            onRemove={setDoomed}
            onRestored={onClose}
          />
        ))}
      </ul>
    </Dialog>
  );
}

type EntryProps = { entry: TrashEntry; path: string; onRemove: (doomed: Doomed) => void; onRestored: () => void };

function Entry({ entry, path, onRemove, onRestored }: EntryProps) {
  const [, navigate] = useLocation();
  const { submit, busy, error } = useSubmit(async () => {
    const made = await call<Instance>("POST", `${path}/restore`, {});
    await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
    toast(`${made.name} is being restored.`);
    showLog(made.id);
    onRestored();
    navigate("/");
  });
  const blocked = blockedFor("operator");
  return (
    <li class={css.entry}>
      <div class={css.words}>
        <strong>{entry.name}</strong>
        <span class={css.quiet}>{factsOf(entry)}</span>
        <ErrorNotice error={error} />
      </div>
      <Button icon="restart" busy={busy} blocked={blocked ?? entry.problem ?? undefined} onClick={submit}>
        Restore
      </Button>
      <IconButton
        icon="trash"
        tone="bad"
        label={`Remove ${entry.name} for good`}
        blocked={blocked}
        onClick={() => onRemove({ name: entry.name, path })}
      />
    </li>
  );
}

function factsOf({ blueprint, deletedAt, sizeBytes, problem }: TrashEntry): string {
  const facts = [
    blueprint,
    deletedAt === null ? null : `deleted ${formatRelative(deletedAt, now.value)}`,
    sizeBytes === null ? null : formatBytes(sizeBytes),
    problem,
  ];
  return facts.filter((fact) => fact !== null).join(" · ");
}
