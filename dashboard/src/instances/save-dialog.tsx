/** What saving will do: old and new of every field, what restarts, and which addresses change. */
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check } from "../parts/field.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { Changes, isRestarting, RestartsNow } from "./changes.tsx";
import css from "./save-dialog.module.css";
import { saveEdits, saving } from "./saving.ts";
import { edits } from "./unsaved.ts";
import { countOf } from "./several.ts";

type SaveProps = { instances: readonly Instance[]; nodes: ReadonlyMap<string, Node>; onClose: () => void };

export function SaveDialog({ instances, nodes, onClose }: SaveProps) {
  const [restart, setRestart] = useState(true);
  const rows = instances.filter(({ id }) => edits.value.has(id));
  const restarting = rows.filter((instance) => isRestarting(instance, edits.value.get(instance.id) ?? {}));
  const { submit, busy } = useSubmit(async () => {
    const { of, failed } = await saveEdits(instances, restart);
    toast(failed === 0 ? `Saved ${countOf(of)}.` : `${failed} of ${of} not saved: the marked cells say why.`);
    onClose();
  });
  const progress = saving.value;
  return (
    <Dialog
      wide
      title={`Save changes of ${countOf(rows.length)}?`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <span class={css.progress} role="status">
            {progress && `Saving ${progress.done + 1} of ${progress.of}…`}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" icon="check" busy={busy}>
            {restart && restarting.length > 0 ? `Save and restart ${restarting.length}` : "Save"}
          </Button>
        </>
      }
    >
      {rows.map((instance) => (
        <section key={instance.id} class={css.instance}>
          <h3>
            {instance.name}
            {restart && restarting.includes(instance) && <RestartsNow />}
          </h3>
          <Changes instance={instance} node={nodes.get(instance.node)} row={edits.value.get(instance.id) ?? {}} />
        </section>
      ))}
      {restarting.length > 0 && (
        <Check checked={restart} onChange={setRestart} help="Otherwise the change waits for the next start of each.">
          Restart what needs it now
        </Check>
      )}
    </Dialog>
  );
}
