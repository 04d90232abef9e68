/** Asks before an instance is deleted, and what shall become of its files. */
import { useState } from "preact/hooks";
import type { DeleteInstance, Instance } from "@roundhouse/protocol/api/instance";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check, FieldGroup } from "../parts/field.tsx";
import { formatBytes } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { toast } from "../shell/toasts.tsx";
import { deleteInstance } from "./actions.ts";

export function DeleteDialog({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const [mode, setMode] = useState<DeleteInstance["mode"]>("trash");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const size = instance.diskBytes === null ? "its files" : `its ${formatBytes(instance.diskBytes)} of files`;

  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      await deleteInstance(instance.id, mode);
      toast(mode === "trash" ? `${instance.name} goes to the trash.` : `${instance.name} is being deleted.`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Delete ${instance.name}?`}
      onClose={onClose}
      onSubmit={() => void confirm()}
      action={
        <Button type="submit" look="danger" icon="trash" busy={busy}>
          {mode === "trash" ? "Move to trash" : "Delete for good"}
        </Button>
      }
    >
      <ErrorNotice error={error} />
      {instance.status === "started" && <p>It is running and will be stopped first.</p>}
      {instance.status === "unreachable" && <p>Its node is offline: it goes when the node comes back.</p>}
      <FieldGroup legend="Its files">
        <Check
          type="radio"
          name="mode"
          checked={mode === "trash"}
          onChange={() => setMode("trash")}
          help="The folder stays on the node, in its trash; nothing is freed."
        >
          Move to the node's trash
        </Check>
        <Check
          type="radio"
          name="mode"
          checked={mode === "permanent"}
          onChange={() => setMode("permanent")}
          help={`Removes ${size}. This cannot be undone.`}
        >
          Delete for good
        </Check>
      </FieldGroup>
    </Dialog>
  );
}
