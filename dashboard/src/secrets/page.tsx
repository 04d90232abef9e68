/** The secrets: their names and what uses them. Values go in, and never come out. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Secret } from "@roundhouse/protocol/api/secret";
import { call } from "../api/call.ts";
import { queryClient, secretsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { formatRelative } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { TableHead } from "../parts/table-head.tsx";
import table from "../parts/table.module.css";
import { useSubmit } from "../parts/submit.ts";
import { SettingsNav } from "../settings/settings-nav.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { NewSecretDialog, RemoveSecretDialog, ReplaceSecretDialog } from "./dialogs.tsx";
import { SecretUsers } from "./users.tsx";

type Asked = { what: "new" } | { what: "replace" | "remove"; secret: Secret };

export function SecretsPage() {
  const { data: secrets = [], error, isPending } = useQuery(secretsQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  const blocked = blockedFor("admin");
  const close = (): void => setAsked(null);
  return (
    <div class={`${frame.page} ${frame.narrow}`}>
      <header class={frame.head}>
        <div>
          <h1>Secrets</h1>
          <p class={frame.quiet}>Written, never shown: jobs, providers and instances refer to them by name</p>
        </div>
        {secrets.length > 0 && <RotateButton blocked={blocked} />}
        <Button icon="plus" look="primary" blocked={blocked} onClick={() => setAsked({ what: "new" })}>
          New secret
        </Button>
      </header>
      <SettingsNav />
      <ErrorNotice error={error} />
      {secrets.length === 0 && !isPending && !error && (
        <EmptyPlace title="No secret yet">
          <p>
            API keys of model providers, keys that sign webhooks and variables of instances are kept here, encrypted.
          </p>
        </EmptyPlace>
      )}
      {secrets.length > 0 && (
        <table class={table.table}>
          <TableHead columns={["Name", "Used by", "Changed"]} withActions />
          <tbody>
            {secrets.map((secret) => (
              <SecretRow key={secret.name} secret={secret} blocked={blocked} onAsk={setAsked} />
            ))}
          </tbody>
        </table>
      )}
      {asked?.what === "new" && <NewSecretDialog forSigning onClose={close} />}
      {asked?.what === "replace" && <ReplaceSecretDialog secret={asked.secret} onClose={close} />}
      {asked?.what === "remove" && <RemoveSecretDialog secret={asked.secret} onClose={close} />}
    </div>
  );
}

type RowProps = { secret: Secret; blocked: string | undefined; onAsk: (asked: Asked) => void };

function SecretRow({ secret, blocked, onAsk }: RowProps) {
  const { name, usedBy, updatedAt } = secret;
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      <td>{usedBy.length === 0 ? <span class={table.quiet}>unused</span> : <SecretUsers users={usedBy} />}</td>
      <td class={table.quiet}>{formatRelative(updatedAt, now.value)}</td>
      <td class={table.tools}>
        <Button aria-label={`Replace ${name}`} blocked={blocked} onClick={() => onAsk({ what: "replace", secret })}>
          Replace
        </Button>{" "}
        <Button
          look="danger"
          aria-label={`Remove ${name}`}
          blocked={blocked}
          onClick={() => onAsk({ what: "remove", secret })}
        >
          Remove
        </Button>
      </td>
    </tr>
  );
}

function RotateButton({ blocked }: { blocked: string | undefined }) {
  const { submit, busy } = useSubmit(async () => {
    try {
      await call("POST", "/api/secrets/rotate");
      await queryClient.invalidateQueries({ queryKey: secretsQuery.queryKey });
      toast("All secrets are encrypted with a new key.");
    } catch (error) {
      toastError(error);
    }
  });
  return (
    <Button
      icon="restart"
      title="Makes a new key and encrypts all secrets with it. Their values stay."
      blocked={blocked}
      busy={busy}
      onClick={submit}
    >
      Rotate the key
    </Button>
  );
}
