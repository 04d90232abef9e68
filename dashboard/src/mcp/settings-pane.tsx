/** Changes a server, or removes it. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { nodesQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { changeServer, removeServer } from "./actions.ts";
import { serverErrors, serverFormError } from "./errors.ts";
import css from "./mcp.module.css";
import { SERVERS_PATH } from "./paths.ts";
import { draftOfServer, serverBody, type ServerDraft } from "./run-draft.ts";
import { ServerFields } from "./server-fields.tsx";

export function SettingsPane({ server }: { server: McpServer }) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const [edited, setEdited] = useState<ServerDraft | null>(null);
  const [removing, setRemoving] = useState(false);
  const draft = edited ?? draftOfServer(server);
  const change = (part: Partial<ServerDraft>): void => setEdited({ ...draft, ...part });
  const { submit, busy, error } = useSubmit(async () => {
    const { node: _, preset: _preset, ...patch } = serverBody(draft);
    await changeServer(server.id, patch);
    setEdited(null);
    toast(`${draft.name} is saved. What runs otherwise now is started by the next request.`);
  });
  const node = nodes.find(({ id }) => id === server.node);
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ErrorNotice error={serverFormError(error, draft.kind)} />
      <ServerFields form={{ draft, change, errors: serverErrors(error) }} error={error} node={node} />
      <div class={css.buttons}>
        <Button
          type="submit"
          look="primary"
          icon="check"
          busy={busy}
          blocked={blockedFor("operator") ?? (edited === null ? "Nothing was changed." : undefined)}
        >
          Save
        </Button>
        {edited !== null && <Button onClick={() => setEdited(null)}>Discard</Button>}
        <span class={css.space} />
        <Button look="danger" icon="trash" blocked={blockedFor("operator")} onClick={() => setRemoving(true)}>
          Remove the server
        </Button>
      </div>
      {removing && <RemoveServerDialog server={server} onClose={() => setRemoving(false)} />}
    </form>
  );
}

function RemoveServerDialog({ server, onClose }: { server: McpServer; onClose: () => void }) {
  const [, navigate] = useLocation();
  const remove = async (): Promise<void> => {
    await removeServer(server);
    navigate(SERVERS_PATH, { replace: true });
  };
  return (
    <RemoveDialog name={server.name} remove={remove} onClose={onClose}>
      <p>It ends, and what was approved of it is forgotten. A server that a job still uses is not removed.</p>
    </RemoveDialog>
  );
}
