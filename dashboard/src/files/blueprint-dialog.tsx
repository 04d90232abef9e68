/** Makes a custom blueprint of what an instance's own copy of one has become. */
import { useState } from "preact/hooks";
import type { Blueprint, CreateBlueprint } from "@roundhouse/protocol/api/blueprint";
import type { BlueprintKind } from "@roundhouse/protocol/instance";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { blueprintsQuery, queryClient } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import css from "./files.module.css";

type Props = { suggestion: string; kind: BlueprintKind; source: string; onClose: () => void };

export function BlueprintDialog({ suggestion, kind, source, onClose }: Props) {
  const [name, setName] = useState(suggestion);
  const { submit, busy, error } = useSubmit(async () => {
    const wish: CreateBlueprint = { name, kind, source };
    const made = await call<Blueprint>("POST", "/api/blueprints", wish);
    await queryClient.invalidateQueries({ queryKey: blueprintsQuery.queryKey });
    toast(`${made.title} is in the catalogue, as ${made.name}.`);
    onClose();
  });
  return (
    <Dialog
      title="Save as blueprint"
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          Add to the catalogue
        </Button>
      }
    >
      <div class={css.lines}>
        <ErrorNotice error={formError(error, ["name"])} />
      </div>
      <TextField
        label="Name"
        mono
        value={name}
        error={fieldErrors(error)["name"]}
        help="Letters, digits, dash and underscore. New instances can be made from it; this one stays as it is."
        onInput={setName}
      />
    </Dialog>
  );
}
