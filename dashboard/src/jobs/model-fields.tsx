/** Which model does the job, and which ones step in for it. */
import { useQuery } from "@tanstack/preact-query";
import { useId } from "preact/hooks";
import { Link } from "wouter-preact";
import type { ModelChoice } from "@roundhouse/protocol/api/job";
import type { Provider } from "@roundhouse/protocol/api/provider";
import { explain } from "../api/errors.ts";
import { errorUnder } from "../api/field-errors.ts";
import { providerModelsQuery, providersQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { replacedAt } from "./draft.ts";
import css from "./job-page.module.css";
import { Section } from "./section.tsx";
import type { JobForm } from "./use-job.ts";

const MOST_FALLBACKS = 5;

export function ModelFields({ form: { draft, change, errors } }: { form: JobForm }) {
  const {
    data: providers = [],
    error,
    isPending,
  } = useQuery({
    ...providersQuery,
    enabled: blockedFor("operator") === undefined,
  });
  const { provider, model, fallbacks } = draft;
  const add = (): void => change({ fallbacks: [...fallbacks, { provider, model: "" }] });
  return (
    <Section title="Models">
      <ErrorNotice error={error} />
      {providers.length === 0 && !isPending && !error && (
        <p>
          No provider yet. <Link href="/settings/providers">Add one</Link>: LM Studio on a node, OpenAI, or any other
          with an OpenAI-compatible API.
        </p>
      )}
      <ModelFieldPair
        chosen={{ provider, model }}
        providers={providers}
        errors={{ provider: errors["provider"], model: errors["model"] }}
        onChange={(choice) => change(choice)}
      />
      {fallbacks.map((fallback, index) => (
        <div key={index} class={css.inner} role="group" aria-label={`Fallback ${index + 1}`}>
          <div class={css.head}>
            <span class={css.quiet}>Fallback {index + 1}</span>
            <IconButton
              icon="close"
              label={`Remove fallback ${index + 1}`}
              onClick={() => change({ fallbacks: replacedAt(fallbacks, index, undefined) })}
            />
          </div>
          <ModelFieldPair
            chosen={fallback}
            providers={providers}
            errors={{
              provider: errorUnder(errors, `fallbacks.${index}.provider`),
              model: errorUnder(errors, `fallbacks.${index}.model`),
            }}
            onChange={(choice) => change({ fallbacks: replacedAt(fallbacks, index, choice) })}
          />
        </div>
      ))}
      <div>
        <Button icon="plus" blocked={fallbacks.length >= MOST_FALLBACKS ? "Five at most." : undefined} onClick={add}>
          Add a fallback
        </Button>
      </div>
    </Section>
  );
}

type PairProps = {
  chosen: ModelChoice;
  providers: readonly Provider[];
  errors: { provider: string | undefined; model: string | undefined };
  onChange: (choice: ModelChoice) => void;
};

function ModelFieldPair({ chosen, providers, errors, onChange }: PairProps) {
  const listId = useId();
  const provider = providers.find(({ id, name }) => id === chosen.provider || name === chosen.provider);
  const models = useQuery({ ...providerModelsQuery(provider?.id ?? ""), enabled: provider !== undefined });
  const lost = provider === undefined && chosen.provider !== "";
  return (
    <div class={css.pair}>
      <SelectField
        label="Provider"
        value={provider?.id ?? chosen.provider}
        error={errors.provider}
        options={[
          ...(chosen.provider === "" ? [{ value: "", label: "choose one" }] : []),
          ...(lost
            ? [
                {
                  value: chosen.provider,
                  label: providers.length === 0 ? chosen.provider : `${chosen.provider} (is gone)`,
                },
              ]
            : []),
          ...providers.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(id) => onChange({ provider: id, model: chosen.model })}
      />
      <TextField
        label="Model"
        mono
        list={listId}
        value={chosen.model}
        error={errors.model}
        help={modelsWords(models.data?.length, models.error)}
        onInput={(model) => onChange({ provider: chosen.provider, model })}
      />
      <datalist id={listId}>
        {models.data?.map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </div>
  );
}

function modelsWords(count: number | undefined, error: Error | null): string {
  if (error) return `It lists no models now; type the name. ${explain(error)}`;
  if (count === undefined) return "Type its name.";
  return count === 1
    ? "The provider offers 1; any name can be typed."
    : `The provider offers ${count}; any name can be typed.`;
}
