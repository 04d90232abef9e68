/** Adds a provider, or changes one. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Provider } from "@roundhouse/protocol/api/provider";
import { call } from "../api/call.ts";
import { errorUnder, fieldErrors, formError, pathErrors } from "../api/field-errors.ts";
import { nodesQuery, queryClient } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { SecretChoice } from "../secrets/choice.tsx";
import { toast } from "../shell/toasts.tsx";
import { providerBody, providerDraft, type ProviderDraft } from "./draft.ts";
import { presetById, PRESETS } from "./presets.ts";
import { PriceFields } from "./price-fields.tsx";

const FIELDS = ["name", "baseUrl", "secret", "viaNode", "node", "toolCalls", "prices"];
const STYLES = [
  { value: "auto", label: "as it answers" },
  { value: "native", label: "the API's own" },
  { value: "fenced", label: "JSON in the text" },
];
const [FIRST] = PRESETS;

type DialogProps = { provider: Provider | null; onClose: () => void };

export function ProviderDialog({ provider, onClose }: DialogProps) {
  const [presetId, setPresetId] = useState(FIRST?.id ?? "other");
  const [draft, setDraft] = useState(provider ? providerDraft(provider) : beginWith(presetId));
  const change = (part: Partial<ProviderDraft>): void => setDraft({ ...draft, ...part });
  const { submit, busy, error } = useSubmit(async () => {
    const body = providerBody(draft);
    if (provider) await call("PATCH", `/api/providers/${provider.id}`, body);
    else await call("POST", "/api/providers", body);
    await Promise.all(["provider", "secret"].map((entity) => queryClient.invalidateQueries({ queryKey: [entity] })));
    toast(`${draft.name} is saved.`);
    onClose();
  });
  return (
    <Dialog
      wide
      title={provider ? `Change ${provider.name}` : "Add a provider"}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          {provider ? "Save" : "Add"}
        </Button>
      }
    >
      <ErrorNotice error={formError(error, FIELDS)} />
      {!provider && (
        <SelectField
          label="Which one"
          value={presetId}
          options={PRESETS.map(({ id, label }) => ({ value: id, label }))}
          onChange={(id) => {
            setPresetId(id);
            setDraft({ ...beginWith(id), secret: draft.secret, viaNode: presetById(id).isOwn ? draft.viaNode : null });
          }}
        />
      )}
      <ProviderFields draft={draft} change={change} errors={{ ...fieldErrors(error), ...pathErrors(error) }} />
    </Dialog>
  );
}

type FieldsProps = {
  draft: ProviderDraft;
  change: (part: Partial<ProviderDraft>) => void;
  errors: Record<string, string>;
};

function ProviderFields({ draft, change, errors }: FieldsProps) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const lost = draft.viaNode !== null && !nodes.some(({ id }) => id === draft.viaNode);
  return (
    <>
      <TextField
        label="Name"
        value={draft.name}
        maxLength={60}
        error={errors["name"]}
        onInput={(name) => change({ name })}
      />
      <TextField
        label="Base URL"
        type="url"
        mono
        placeholder="https://example.com/v1"
        value={draft.baseUrl}
        error={errors["baseUrl"]}
        help="Of an OpenAI-compatible API; it mostly ends in /v1."
        onInput={(baseUrl) => change({ baseUrl })}
      />
      <SelectField
        label="Reached from"
        value={draft.viaNode ?? ""}
        error={errors["viaNode"] ?? errors["node"]}
        help="Through a node's link, 127.0.0.1 is that node: nothing there needs an open port."
        options={[
          { value: "", label: "the control plane" },
          ...(lost ? [{ value: draft.viaNode ?? "", label: "a node that is gone" }] : []),
          ...nodes.map(({ id, name }) => ({ value: id, label: `node ${name}` })),
        ]}
        onChange={(id) => change({ viaNode: id === "" ? null : id })}
      />
      <SecretChoice
        label="API key"
        none="it needs none"
        value={draft.secret}
        error={errors["secret"]}
        onChange={(secret) => change({ secret })}
      />
      <SelectField
        label="Tool calls"
        value={draft.toolCalls}
        options={STYLES}
        help="Models that have no tool calls of their own write them as JSON."
        onChange={(toolCalls) => change({ toolCalls: toolCalls as ProviderDraft["toolCalls"] })}
      />
      <PriceFields rows={draft.prices} error={errorUnder(errors, "prices")} onChange={(prices) => change({ prices })} />
    </>
  );
}

function beginWith(id: string): ProviderDraft {
  const { name, baseUrl } = presetById(id);
  return { name, baseUrl, secret: null, viaNode: null, toolCalls: "auto", prices: [] };
}
