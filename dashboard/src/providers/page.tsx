/** The providers of models, each with a test of its connection. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Provider, ProviderTest } from "@roundhouse/protocol/api/provider";
import { call } from "../api/call.ts";
import { nodesQuery, providersQuery, queryClient } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { StatusMark } from "../instances/status.tsx";
import { Button, IconButton } from "../parts/button.tsx";
import { plural } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";
import { SettingsNav } from "../settings/settings-nav.tsx";
import { toast } from "../shell/toasts.tsx";
import { ProviderDialog } from "./provider-dialog.tsx";
import css from "./providers.module.css";

type Asked = { what: "new" } | { what: "change" | "remove"; provider: Provider };

export function ProvidersPage() {
  const { data: providers = [], error, isPending } = useQuery(providersQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  return (
    <div class={`${frame.page} ${frame.narrow}`}>
      <header class={frame.head}>
        <div>
          <h1>Providers</h1>
          <p class={frame.quiet}>Where the models of jobs are, by any OpenAI-compatible API</p>
        </div>
        <Button icon="plus" look="primary" blocked={blockedFor("admin")} onClick={() => setAsked({ what: "new" })}>
          Add a provider
        </Button>
      </header>
      <SettingsNav />
      <ErrorNotice error={error} />
      {providers.length === 0 && !isPending && !error && (
        <EmptyPlace title="No provider yet">
          <p>
            LM Studio or Ollama on one of your machines, also behind NAT: a provider can be reached through a node. Or
            OpenAI, Anthropic, OpenRouter.
          </p>
        </EmptyPlace>
      )}
      <ul class={css.list}>
        {providers.map((provider) => (
          <ProviderCard key={provider.id} provider={provider} onAsk={setAsked} />
        ))}
      </ul>
      {asked?.what === "new" && <ProviderDialog provider={null} onClose={close} />}
      {asked?.what === "change" && <ProviderDialog provider={asked.provider} onClose={close} />}
      {asked?.what === "remove" && <RemoveProviderDialog provider={asked.provider} onClose={close} />}
    </div>
  );
}

function ProviderCard({ provider, onAsk }: { provider: Provider; onAsk: (asked: Asked) => void }) {
  const [result, setResult] = useState<ProviderTest | null>(null);
  const { submit, busy, error } = useSubmit(async () => {
    setResult(null);
    setResult(await call<ProviderTest>("POST", `/api/providers/${provider.id}/test`));
  });
  const blocked = blockedFor("admin");
  return (
    <li class={css.card} aria-label={provider.name}>
      <div class={css.head}>
        <h2>{provider.name}</h2>
        <Button aria-label={`Test ${provider.name}`} blocked={blockedFor("operator")} busy={busy} onClick={submit}>
          Test
        </Button>
        <IconButton
          icon="pencil"
          label={`Change ${provider.name}`}
          blocked={blocked}
          onClick={() => onAsk({ what: "change", provider })}
        />
        <IconButton
          icon="trash"
          tone="bad"
          label={`Remove ${provider.name}`}
          blocked={blocked}
          onClick={() => onAsk({ what: "remove", provider })}
        />
      </div>
      <Facts provider={provider} />
      <div aria-live="polite">
        <ErrorNotice error={error} />
        {busy && <p class={css.quiet}>It is being asked…</p>}
        {result && <TestResult result={result} />}
      </div>
    </li>
  );
}

function Facts({ provider: { baseUrl, viaNode, secret, prices } }: { provider: Provider }) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const count = Object.keys(prices).length;
  const from = viaNode === null ? null : (nodes.find(({ id }) => id === viaNode)?.name ?? viaNode);
  return (
    <p class={css.facts}>
      <code>{baseUrl}</code>
      <span>{from === null ? "from the control plane" : `through node ${from}`}</span>
      <span>{secret === null ? "no API key" : `key ${secret}`}</span>
      <span>{count === 0 ? "no prices" : plural(count, "price")}</span>
    </p>
  );
}

function TestResult({ result: { ok, message, latencyMs, models } }: { result: ProviderTest }) {
  return (
    <>
      <p class={css.facts}>
        <StatusMark mark={ok ? "full" : "cross"} tone={ok ? "ok" : "bad"} word={ok ? "works" : "does not work"} />
        <span>{message}</span>
        {ok && <span class={css.quiet}>{latencyMs} ms</span>}
      </p>
      {models.length > 0 && (
        <details>
          <summary>{plural(models.length, "model")}</summary>
          <ul class={css.models}>
            {models.map(({ id }) => (
              <li key={id}>
                <code>{id}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function RemoveProviderDialog({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const remove = async (): Promise<void> => {
    await call("DELETE", `/api/providers/${provider.id}`);
    await queryClient.invalidateQueries({ queryKey: providersQuery.queryKey });
    toast(`${provider.name} was removed.`);
  };
  return (
    <RemoveDialog name={provider.name} remove={remove} onClose={onClose}>
      <p>Jobs can no longer choose it. One that a job still uses is not removed.</p>
    </RemoveDialog>
  );
}
