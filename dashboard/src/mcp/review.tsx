/** What a filled-in preset will run, to be looked at before it is made. */
import { useQuery } from "@tanstack/preact-query";
import { useLocation } from "wouter-preact";
import type { NewMcpServer } from "@roundhouse/protocol/api/mcp-server";
import { nodesQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { NamedRows } from "../parts/named-rows.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { makeServer } from "./actions.ts";
import css from "./mcp.module.css";
import { serverPath } from "./paths.ts";
import { serverInWords } from "./run-words.ts";

type ReviewProps = { server: NewMcpServer; onBack: () => void; onChange: () => void };

export function Review({ server, onBack, onChange }: ReviewProps) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const [, navigate] = useLocation();
  const { submit, busy, error } = useSubmit(async () => navigate(serverPath((await makeServer(server)).id)));
  const nodeName = nodes.find(({ id }) => id === server.node)?.name ?? server.node;
  return (
    <section class={css.form} aria-label="What it will run">
      <ErrorNotice error={error} />
      <NamedRows rows={serverInWords(server, nodeName)} look={css.rows} />
      <p class={css.quiet}>
        Its tools can be used once you have approved each. Secrets reach it as variables and stand in no argument.
      </p>
      <div class={css.buttons}>
        <Button onClick={onBack}>Back</Button>
        <Button icon="pencil" onClick={onChange}>
          Change it by hand
        </Button>
        <Button look="primary" icon="check" busy={busy} blocked={blockedFor("operator")} onClick={submit}>
          Add the server
        </Button>
      </div>
    </section>
  );
}
