/** API keys: shown once when made, revocable at any time. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Role } from "@roundhouse/protocol/api/common";
import type { ApiKey, NewApiKey } from "@roundhouse/protocol/api/person";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { keysQuery, queryClient } from "../api/queries.ts";
import { rolesUpToOwn } from "../api/session.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { CopyField } from "../parts/copy.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { formatRelative } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast, toastError } from "../shell/toasts.tsx";
import { roleOptions } from "./roles.ts";
import css from "./settings.module.css";

const LIFETIMES = [
  { value: "", label: "Never" },
  { value: "2592000", label: "In 30 days" },
  { value: "31536000", label: "In a year" },
];

export function KeysSection() {
  const { data: keys = [], error } = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const revoke = async (key: ApiKey): Promise<void> => {
    await call("DELETE", `/api/keys/${key.id}`);
    await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
    toast(`${key.name} no longer works.`);
  };
  return (
    <section class={css.section} aria-label="API keys">
      <div class={css.head}>
        <h2>API keys</h2>
        <Button icon="plus" onClick={() => setMaking(true)}>
          New key
        </Button>
      </div>
      <ErrorNotice error={error} />
      {keys.length === 0 && !error && <p class={css.quiet}>No key yet. Scripts and other programs sign in with one.</p>}
      <ul class={css.list}>
        {keys.map((key) => (
          <li key={key.id}>
            <span class={css.name}>
              <strong>{key.name}</strong>
              <code>{key.prefix}…</code>
            </span>
            <span class={css.quiet}>
              {key.lastUsedAt === null ? "never used" : `used ${formatRelative(key.lastUsedAt, now.value)}`}
              {key.expiresAt !== null && `, ends ${formatRelative(key.expiresAt, now.value)}`}
            </span>
            <span>{key.role}</span>
            <Button look="danger" onClick={() => void revoke(key).catch(toastError)}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <p class={css.quiet}>An assistant that speaks MCP looks after this pool with a key, at this address:</p>
      <CopyField text={`${location.origin}/mcp`} label="The MCP address" />
      {making && <NewKeyDialog onClose={() => setMaking(false)} />}
    </section>
  );
}

function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(rolesUpToOwn().includes("operator") ? "operator" : "viewer");
  const [lifetime, setLifetime] = useState("");
  const [made, setMade] = useState<NewApiKey | null>(null);
  const { submit, busy, error } = useSubmit(async () => {
    const input = { name, role, expiresInSeconds: lifetime === "" ? null : Number(lifetime) };
    setMade(await call<NewApiKey>("POST", "/api/keys", input));
    await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
  });
  return (
    <Dialog
      title="New API key"
      onClose={onClose}
      onSubmit={made ? onClose : submit}
      footer={
        <Button type="submit" look="primary" busy={busy}>
          {made ? "I have saved it" : "Make the key"}
        </Button>
      }
    >
      {made ? (
        <>
          <p>This is the only time it is shown. Only its hash is kept.</p>
          <CopyField text={made.key} label="The new key" />
        </>
      ) : (
        <>
          <ErrorNotice error={formError(error, ["name", "role"])} />
          <TextField
            label="Name"
            placeholder="what uses it"
            value={name}
            maxLength={60}
            error={fieldErrors(error).name}
            onInput={setName}
          />
          <SelectField
            label="Role"
            options={roleOptions(rolesUpToOwn())}
            value={role}
            onChange={(value) => setRole(value as Role)}
          />
          <SelectField label="Ends" options={LIFETIMES} value={lifetime} onChange={setLifetime} />
        </>
      )}
    </Dialog>
  );
}
