/** A webhook: its URL, the secrets that sign it, and a call to copy that really signs. */
import type { WebhookTrigger } from "@roundhouse/protocol/api/job";
import { errorUnder } from "../api/field-errors.ts";
import { CopyButton, CopyField } from "../parts/copy.tsx";
import { TextField } from "../parts/field.tsx";
import { SecretChoice } from "../secrets/choice.tsx";
import { curlExample } from "./curl.ts";
import css from "./job-page.module.css";

type WebhookProps = {
  trigger: WebhookTrigger;
  errors: Record<string, string>;
  path: string;
  onChange: (trigger: WebhookTrigger) => void;
};

export function WebhookFields({ trigger, errors, path, onChange }: WebhookProps) {
  const { name, secrets } = trigger;
  const [first, second] = secrets;
  const set = (one: string | undefined, other: string | undefined): void =>
    onChange({ ...trigger, secrets: [one, other].filter((secret) => secret !== undefined) });
  return (
    <>
      <div class={css.pair}>
        <TextField
          label="Name of the webhook"
          mono
          placeholder="deploy"
          value={name}
          error={errorUnder(errors, `${path}.name`)}
          onInput={(next) => onChange({ ...trigger, name: next })}
        />
        <SecretChoice
          label="Signed with"
          forSigning
          none="choose a secret"
          value={first ?? null}
          error={errorUnder(errors, `${path}.secrets`)}
          onChange={(secret) => set(secret ?? undefined, second)}
        />
        {first !== undefined && (
          <SecretChoice
            label="Or with"
            forSigning
            none="no other"
            help="A second one while the key is being changed."
            value={second ?? null}
            onChange={(secret) => set(first, secret ?? undefined)}
          />
        )}
      </div>
      {name !== "" && <Call url={`${location.origin}/api/webhook/${name}`} secret={first ?? "the secret"} />}
    </>
  );
}

function Call({ url, secret }: { url: string; secret: string }) {
  const snippet = curlExample(url, secret);
  return (
    <>
      <CopyField text={url} label="URL of the webhook" />
      <details>
        <summary>How to call it (Standard Webhooks)</summary>
        <div class={css.curl}>
          <p class={css.quiet}>
            The body reaches the model as data, marked as untrusted. The same id twice starts one run; a signature older
            than five minutes is refused.
          </p>
          <pre class={css.code} role="group" aria-label="Example call" tabIndex={0}>
            {snippet}
          </pre>
          <div>
            <CopyButton text={snippet} label="Copy the call" />
          </div>
        </div>
      </details>
    </>
  );
}
