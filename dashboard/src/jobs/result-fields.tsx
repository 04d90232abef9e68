/** What comes of a run: its output, who is told, what must not show, and what happens when nobody knows what a call did. */
import { useQuery } from "@tanstack/preact-query";
import { errorUnder } from "../api/field-errors.ts";
import { secretsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Check, FieldGroup, SelectField, TextArea, TextField } from "../parts/field.tsx";
import { SecretChoice } from "../secrets/choice.tsx";
import { schemaProblem, type JobDraft } from "./draft.ts";
import css from "./job-page.module.css";
import { Section } from "./section.tsx";
import type { JobForm } from "./use-job.ts";

const OUTPUTS = [
  { value: "text", label: "Text" },
  { value: "json", label: "JSON, by a schema" },
];
const ON_UNKNOWN = [
  { value: "ask", label: "a person decides" },
  { value: "fail", label: "the run fails" },
  { value: "continue", label: "the model is told, and goes on" },
];

export function ResultFields({ form }: { form: JobForm }) {
  const { draft, change, errors } = form;
  const { output } = draft;
  return (
    <Section title="Outcome" error={errors["output"] ?? errors["notify"]}>
      <SelectField
        label="Output"
        value={output.kind}
        options={OUTPUTS}
        onChange={(kind) => change({ output: { ...output, kind: kind as "text" | "json" } })}
      />
      {output.kind === "json" && (
        <TextArea
          label="JSON schema"
          mono
          rows={8}
          value={output.schema}
          error={schemaProblem(output.schema) ?? errorUnder(errors, "output.schema")}
          onInput={(schema) => change({ output: { ...output, schema } })}
        />
      )}
      <NotifyFields form={form} />
      <SelectField
        label="When nobody knows what became of a call"
        help="A node lost its power in the middle of it, for example. It is never made twice by itself."
        value={draft.onUnknown}
        error={errors["onUnknown"]}
        options={ON_UNKNOWN}
        onChange={(value) => change({ onUnknown: value as JobDraft["onUnknown"] })}
      />
      <HiddenSecrets form={form} />
    </Section>
  );
}

function NotifyFields({ form: { draft, change, errors } }: { form: JobForm }) {
  const { notify } = draft;
  return (
    <>
      <Check
        checked={notify !== null}
        help="A signed webhook goes out when a run ends."
        onChange={(on) => change({ notify: on ? { url: "", secret: "" } : null })}
      >
        Tell another program
      </Check>
      {notify && (
        <div class={css.pair}>
          <TextField
            label="URL to tell"
            type="url"
            mono
            placeholder="https://example.com/hooks/runs"
            value={notify.url}
            error={errorUnder(errors, "notify.url")}
            onInput={(url) => change({ notify: { ...notify, url } })}
          />
          <SecretChoice
            label="Signed with"
            forSigning
            none="choose a secret"
            value={notify.secret === "" ? null : notify.secret}
            error={errorUnder(errors, "notify.secret")}
            onChange={(secret) => change({ notify: { ...notify, secret: secret ?? "" } })}
          />
        </div>
      )}
    </>
  );
}

/** Those that the job's provider and webhooks use are hidden anyway. */
function HiddenSecrets({ form: { draft, change, errors } }: { form: JobForm }) {
  const { data = [] } = useQuery({ ...secretsQuery, enabled: blockedFor("operator") === undefined });
  const names = [...new Set([...data.map(({ name }) => name), ...draft.secrets])];
  if (names.length === 0) return null;
  const toggle = (name: string, on: boolean): void => {
    const others = draft.secrets.filter((other) => other !== name);
    change({ secrets: on ? [...others, name] : others });
  };
  return (
    <FieldGroup legend="Secrets that must never show in its runs">
      {errorUnder(errors, "secrets") && <p class={css.error}>{errorUnder(errors, "secrets")}</p>}
      {names.map((name) => (
        <Check key={name} checked={draft.secrets.includes(name)} onChange={(on) => toggle(name, on)}>
          <code>{name}</code>
        </Check>
      ))}
    </FieldGroup>
  );
}
