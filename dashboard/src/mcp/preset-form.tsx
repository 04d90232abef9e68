/** Fills a preset in: its own fields, the node, and the way that it runs there. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { McpPreset, NewMcpServer, PresetField } from "@roundhouse/protocol/api/mcp-server";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { fieldErrors, formError, pathErrors } from "../api/field-errors.ts";
import { nodesQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { Check, FieldGroup, SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { SecretChoice } from "../secrets/choice.tsx";
import { FolderField } from "./folder-field.tsx";
import css from "./mcp.module.css";
import { NodeField } from "./node-field.tsx";
import { mcpServersQuery } from "./queries.ts";
import { beginPreset, fillBody, type PresetDraft, takenWay, whyNotSo } from "./preset-draft.ts";

const WAYS = [
  { way: "container", label: "In a container", help: "Walled off: it sees what is mounted, and nothing else." },
  { way: "command", label: "As a program of the node", help: "As the apps' user, with what that one can reach." },
] as const;

type PresetFormProps = {
  preset: McpPreset;
  /** As it was left when somebody comes back to it. */
  kept: PresetDraft | undefined;
  onKeep: (draft: PresetDraft) => void;
  onFilled: (server: NewMcpServer) => void;
  onBack: () => void;
};

export function PresetForm({ preset, kept, onKeep, onFilled, onBack }: PresetFormProps) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const [edited, setEdited] = useState(kept);
  const { data: servers = [] } = useQuery(mcpServersQuery);
  const taken = servers.map(({ name }) => name);
  const draft = edited ?? beginPreset(preset, nodes, taken);
  const change = (part: Partial<PresetDraft>): void => setEdited({ ...draft, ...part });
  const node = nodes.find(({ id }) => id === draft.node);
  const way = takenWay(draft, preset, node);
  const { submit, busy, error } = useSubmit(async () => {
    if (way === undefined) return;
    onKeep(draft);
    onFilled(await call<NewMcpServer>("POST", `/api/mcp-presets/${preset.id}`, fillBody(draft, way)));
  });
  const errors = { ...fieldErrors(error), ...pathErrors(error) };
  const fields = [...preset.fields.map(({ name }) => name), "values", "name", "node", "way"];
  const noNode = node === undefined ? "There is no node to run it on." : undefined;
  const noWay = way === undefined ? "It cannot run on this node." : undefined;
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ErrorNotice error={formError(error, fields)} />
      <p>{preset.description}</p>
      {preset.needs !== "" && <p class={css.quiet}>Needs: {preset.needs}</p>}
      <p>
        <a href={preset.homepage} target="_blank" rel="noopener noreferrer">
          Its home page
        </a>
      </p>
      {preset.fields.map((field) => (
        <ValueField
          key={field.name}
          field={field}
          value={draft.values[field.name] ?? ""}
          error={errors[`values.${field.name}`] ?? errors[field.name]}
          onChange={(value) => change({ values: { ...draft.values, [field.name]: value } })}
        />
      ))}
      <NodeField nodes={nodes} value={draft.node} error={errors["node"]} onChange={(id) => change({ node: id })} />
      <WayField {...{ preset, node, way }} error={errors["way"]} onChange={(next) => change({ way: next })} />
      <TextField
        label="Name"
        mono
        value={draft.name}
        maxLength={40}
        error={errors["name"]}
        help="Its tools are called by it: name/tool."
        onInput={(name) => change({ name })}
      />
      <div class={css.buttons}>
        <Button onClick={onBack}>Back</Button>
        <Button type="submit" look="primary" busy={busy} blocked={blockedFor("operator") ?? noNode ?? noWay}>
          Show what it will run
        </Button>
      </div>
    </form>
  );
}

type WayProps = {
  preset: McpPreset;
  node: Node | undefined;
  way: PresetDraft["way"] | undefined;
  error: string | undefined;
  onChange: (way: NonNullable<PresetDraft["way"]>) => void;
};

function WayField({ preset, node, way, error, onChange }: WayProps) {
  return (
    <FieldGroup legend="How it runs">
      {WAYS.map(({ way: one, label, help }) => {
        const why = whyNotSo(one, preset, node);
        return (
          <Check
            key={one}
            type="radio"
            name="mcp-way"
            checked={way === one}
            help={why ?? help}
            disabled={why !== undefined}
            onChange={() => onChange(one)}
          >
            {label}
          </Check>
        );
      })}
      {error !== undefined && (
        <p class={css.error} role="alert">
          {error}
        </p>
      )}
    </FieldGroup>
  );
}

type ValueProps = { field: PresetField; value: string; error: string | undefined; onChange: (value: string) => void };

function ValueField({ field, value, error, onChange }: ValueProps) {
  const { kind, required, hint, options } = field;
  const label = required ? field.label : `${field.label} (may be left out)`;
  const common = { label, value, error, ...(hint !== "" && { help: hint }) };
  switch (kind) {
    case "text":
      return <TextField {...common} onInput={onChange} />;
    case "choice":
      return <SelectField {...common} options={options} onChange={onChange} />;
    case "folder":
      return <FolderField {...common} onChange={onChange} />;
    case "secret":
      return (
        <SecretChoice
          {...common}
          help={blockedFor("admin") === undefined ? hint : `${hint} Only an admin can bind one.`}
          none="choose a secret"
          value={value === "" ? null : value}
          onChange={(name) => onChange(name ?? "")}
        />
      );
  }
}
