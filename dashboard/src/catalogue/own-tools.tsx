/** What can be done to a blueprint itself: a copy of one's own, and changing or removing what is one's own. */
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import { call } from "../api/call.ts";
import { blueprintsQuery, queryClient } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { IconButton } from "../parts/button.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import css from "./page.module.css";
import { isWritten } from "./written-kinds.ts";

export function OwnTools({ blueprint }: { blueprint: Blueprint }) {
  const [, navigate] = useLocation();
  const [isRemoving, setRemoving] = useState(false);
  const { id, kind, title, origin } = blueprint;
  const blocked = blockedFor("operator");
  if (!isWritten(kind)) return null;
  return (
    <span class={css.tools}>
      <IconButton
        icon="copy"
        label={`Copy ${title} as a custom blueprint`}
        blocked={blocked}
        onClick={() => navigate(`/catalogue/blueprint/new?from=${encodeURIComponent(id)}`)}
      />
      {origin === "custom" && (
        <>
          <IconButton
            icon="pencil"
            label={`Edit ${title}`}
            blocked={blocked}
            onClick={() => navigate(`/catalogue/blueprint/${encodeURIComponent(id)}`)}
          />
          <IconButton
            icon="trash"
            tone="bad"
            label={`Remove ${title}`}
            blocked={blocked}
            onClick={() => setRemoving(true)}
          />
        </>
      )}
      {isRemoving && (
        <RemoveDialog name={title} remove={() => remove(id)} onClose={() => setRemoving(false)}>
          <p>It can no longer be installed. It stays while an instance uses it.</p>
        </RemoveDialog>
      )}
    </span>
  );
}

async function remove(id: string): Promise<void> {
  await call("DELETE", `/api/blueprints/${encodeURIComponent(id)}`);
  await queryClient.invalidateQueries({ queryKey: blueprintsQuery.queryKey });
}
