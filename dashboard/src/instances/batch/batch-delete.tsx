/** Asks before several instances are deleted. */
import { useState } from "preact/hooks";
import type { DeleteInstance, Instance } from "@roundhouse/protocol/api/instance";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Check, FieldGroup } from "../../parts/field.tsx";
import { deleteInstance } from "../actions.ts";
import { runBatch } from "./run-batch.ts";
import { countOf, namesOf } from "../several.ts";

export function BatchDelete({ instances, onClose }: { instances: readonly Instance[]; onClose: () => void }) {
  const [mode, setMode] = useState<DeleteInstance["mode"]>("trash");
  const confirm = (): void => {
    onClose();
    void runBatch("delete", satellitesFirst(instances), ({ id }) => deleteInstance(id, mode));
  };
  return (
    <Dialog
      title={`Delete ${countOf(instances.length)}?`}
      onClose={onClose}
      onSubmit={confirm}
      action={
        <Button type="submit" look="danger" icon="trash">
          {mode === "trash" ? "Move to trash" : "Delete for good"}
        </Button>
      }
    >
      <p>{namesOf(instances)}</p>
      <p>Those that run are stopped first.</p>
      <FieldGroup legend="Their files">
        <Check type="radio" name="mode" checked={mode === "trash"} onChange={() => setMode("trash")}>
          Move to the trash of their nodes
        </Check>
        <Check type="radio" name="mode" checked={mode === "permanent"} onChange={() => setMode("permanent")}>
          Delete for good
        </Check>
      </FieldGroup>
    </Dialog>
  );
}

/** A parent that still has satellites cannot be deleted. */
function satellitesFirst(instances: readonly Instance[]): Instance[] {
  return instances.toSorted((a, b) => Number(a.parent === null) - Number(b.parent === null));
}
