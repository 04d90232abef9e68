/** A server that somebody writes by hand, or goes on with from a preset. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { NewMcpServer } from "@roundhouse/protocol/api/mcp-server";
import { nodesQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { makeServer } from "./actions.ts";
import { serverErrors, serverFormError } from "./errors.ts";
import css from "./mcp.module.css";
import { NodeField } from "./node-field.tsx";
import { serverPath } from "./paths.ts";
import { draftOfServer, emptyServer, serverBody, type ServerDraft } from "./run-draft.ts";
import { ServerFields } from "./server-fields.tsx";

export function CustomForm({ beginning, onBack }: { beginning: NewMcpServer | null; onBack: () => void }) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const [, navigate] = useLocation();
  const [edited, setEdited] = useState<ServerDraft | null>(beginning && draftOfServer(beginning));
  const draft = edited ?? emptyServer((nodes.find(({ status }) => status === "online") ?? nodes[0])?.id ?? "");
  const change = (part: Partial<ServerDraft>): void => setEdited({ ...draft, ...part });
  const { submit, busy, error } = useSubmit(async () => navigate(serverPath((await makeServer(serverBody(draft))).id)));
  const errors = serverErrors(error);
  const node = nodes.find(({ id, name }) => id === draft.node || name === draft.node);
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ErrorNotice error={serverFormError(error, draft.kind, ["node"])} />
      <NodeField
        nodes={nodes}
        value={node?.id ?? draft.node}
        error={errors["node"]}
        onChange={(id) => change({ node: id })}
      />
      <ServerFields form={{ draft, change, errors }} error={error} node={node} />
      <div class={css.buttons}>
        <Button onClick={onBack}>Back</Button>
        <Button type="submit" look="primary" icon="check" busy={busy} blocked={blockedFor("operator")}>
          Add the server
        </Button>
      </div>
    </form>
  );
}
