/** Changes how an instance is set up: every field that the table has, and before saving, what that will do. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { instancesQuery, queryClient } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { Changes, isRestarting, RestartsNow } from "./changes.tsx";
import css from "./edit-dialog.module.css";
import { EditFields } from "./edit-fields.tsx";
import { editedFields, FIELDS, type RowEdits } from "./edits.ts";
import { parsePort } from "./instance-fields.tsx";
import { useEdit } from "./use-edit.ts";

type EditProps = { instance: Instance; node: Node | undefined; onClose: () => void };

export function EditDialog({ instance, node, onClose }: EditProps) {
  const edit = useEdit(instance);
  const [restart, setRestart] = useState(true);
  const [portError, setPortError] = useState<string>();
  const changed = editedFields(edit.row);
  const needsRestart = isRestarting(instance, edit.row);
  const { submit, busy, error } = useSubmit(async () => {
    const port = parsePort(edit.text("port"));
    setPortError("message" in port ? port.message : undefined);
    if ("message" in port) return;
    if (changed.length > 0) {
      const isWhole = await edit.save(restart);
      await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
      if (!isWhole) return;
      toast(savedWords(instance, needsRestart, restart));
    }
    onClose();
  });
  const fields = useFieldsInSight(busy, edit.row);
  const refused = Object.fromEntries(changed.map((field) => [field, edit.row[field]?.error]));
  return (
    <Dialog
      wide
      title={`Edit ${instance.name}`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          {changed.length > 0 && (
            <section class={css.changes} aria-label="What saving will do">
              <h3>
                Changes
                {needsRestart && restart && <RestartsNow />}
              </h3>
              <Changes instance={instance} node={node} row={edit.row} />
              {needsRestart && (
                <Check checked={restart} onChange={setRestart} help="Otherwise the change waits for its next start.">
                  Restart it now
                </Check>
              )}
            </section>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" icon="check" busy={busy}>
            {needsRestart && restart ? "Save and restart" : "Save"}
          </Button>
        </>
      }
    >
      <ErrorNotice error={formError(error, FIELDS)} />
      <div ref={fields} class={css.fields}>
        <EditFields
          instance={instance}
          node={node}
          edit={edit}
          error={error}
          errors={{ ...refused, ...fieldErrors(error), ...(portError && { port: portError }) }}
        />
      </div>
    </Dialog>
  );
}

/** For the element with the fields: what was refused gets the focus, and what is being typed stays in sight. */
function useFieldsInSight(busy: boolean, row: RowEdits): RefObject<HTMLDivElement> {
  const fields = useRef<HTMLDivElement>(null);
  // On a phone it may be far out of sight.
  useEffect(() => {
    if (!busy) fields.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [busy]);
  // The list of changes grows over the last fields.
  useEffect(() => fields.current?.querySelector(":focus")?.scrollIntoView({ block: "nearest" }), [row]);
  return fields;
}

function savedWords({ name }: Instance, needsRestart: boolean, restart: boolean): string {
  if (!needsRestart) return "Saved.";
  return restart ? `Saved: ${name} restarts.` : `Saved. ${name} takes it over at its next start.`;
}
