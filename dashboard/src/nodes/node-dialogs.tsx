/** Renaming and removing a node. */
import { useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { nodesQuery, queryClient } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { plural } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";

export function RenameNodeDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const [name, setName] = useState(node.name);
  const { submit, busy, error } = useSubmit(async () => {
    await call("PATCH", `/api/nodes/${node.id}`, { name });
    await queryClient.invalidateQueries({ queryKey: nodesQuery.queryKey });
    onClose();
  });
  return (
    <Dialog
      title={`Rename ${node.name}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          Rename
        </Button>
      }
    >
      <ErrorNotice error={formError(error, ["name"])} />
      <TextField label="Name" value={name} maxLength={60} error={fieldErrors(error).name} onInput={setName} />
    </Dialog>
  );
}

type RemoveProps = { node: Node; instances: number; onClose: () => void };

export function RemoveNodeDialog({ node, instances, onClose }: RemoveProps) {
  const remove = async (): Promise<void> => {
    await call("DELETE", `/api/nodes/${node.id}`);
    await queryClient.invalidateQueries({ queryKey: nodesQuery.queryKey });
    toast(`${node.name} was removed.`);
  };
  return (
    <RemoveDialog name={node.name} remove={remove} onClose={onClose}>
      <p>Its key stops working and its agent ends its link. Nothing on its disk is deleted.</p>
      {instances > 0 && (
        <p>
          <strong>{plural(instances, "instance")}</strong> on it will no longer be listed here.
        </p>
      )}
      <p>To bring it back, join it with a new token.</p>
    </RemoveDialog>
  );
}
