/** What saving will do: old and new of every field, what restarts, and which addresses change. */
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { needsRestart } from "@roundhouse/protocol/changes";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check } from "../parts/field.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { canStart } from "./actions.ts";
import { changeOf, editedFields, type Field, isContested, type RowEdits, valueOf } from "./edits.ts";
import css from "./save-dialog.module.css";
import { saveEdits, saving } from "./saving.ts";
import { edits } from "./unsaved.ts";
import { textOf } from "./value-words.ts";

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
        <Changes
          key={instance.id}
          instance={instance}
          node={nodes.get(instance.node)}
          row={edits.value.get(instance.id) ?? {}}
          restarts={restart && restarting.includes(instance)}
        />
      ))}
      {restarting.length > 0 && (
        <Check checked={restart} onChange={setRestart} help="Otherwise the change waits for the next start of each.">
          Restart what needs it now
        </Check>
      )}
    </Dialog>
  );
}

const LABELS: Readonly<Record<Field, string>> = {
  name: "Name",
  blueprint: "Blueprint",
  pythonVersion: "Python",
  cudaVersion: "CUDA",
  torchVersion: "Torch",
  outputPath: "Outputs",
  gpuIds: "GPUs",
  autostart: "Start with its node",
  restartPolicy: "Restart",
  port: "Port",
  hostname: "Host name",
};

type ChangesProps = { instance: Instance; node: Node | undefined; row: RowEdits; restarts: boolean };

function Changes({ instance, node, row, restarts }: ChangesProps) {
  return (
    <section class={css.instance}>
      <h3>
        {instance.name}
        {restarts && <span class={css.restarts}>restarts now</span>}
      </h3>
      <dl class={css.fields}>
        {editedFields(row).map((field) => (
          <div key={field}>
            <dt>{LABELS[field]}</dt>
            <dd>
              <del>{textOf(field, valueOf(instance, field), node)}</del> →{" "}
              <ins>{textOf(field, row[field]?.value, node)}</ins>
              {isContested(instance, row, field) && (
                <p class={css.warning}>Somebody else changed it while you did: saving takes yours.</p>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {warningsFor(instance, row).map((text) => (
        <p key={text} class={css.warning}>
          {text}
        </p>
      ))}
    </section>
  );
}

function warningsFor(instance: Instance, row: RowEdits): string[] {
  const warnings = [];
  if (row.name) warnings.push(`Its URL follows the name; ${new URL(instance.url).host} leads to the new one.`);
  if (row.hostname) warnings.push("Links to its old address may end.");
  if (row.outputPath) warnings.push("What it has made so far stays in the old outputs folder.");
  if (row.blueprint) warnings.push("Its launch script is made anew from the other blueprint.");
  return warnings;
}

function isRestarting(instance: Instance, row: RowEdits): boolean {
  return !canStart(instance) && instance.desired === "running" && needsRestart(instance, changeOf(row));
}

function countOf(count: number): string {
  return count === 1 ? "one instance" : `${count} instances`;
}
