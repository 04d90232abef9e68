/** A new instance at the bottom of the table, before it is made. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { explain } from "../api/errors.ts";
import { blueprintsQuery, instancesQuery, nodesQuery, queryClient } from "../api/queries.ts";
import { type NodeChoice, nodeChoices } from "../catalogue/node-choices.ts";
import { suggestName } from "../catalogue/suggest-name.ts";
import { useFreestGpu } from "../nodes/use-freest-gpu.ts";
import { Button } from "../parts/button.tsx";
import { useSubmit } from "../parts/submit.ts";
import { COLUMN_IDS, hiddenColumns } from "./columns.ts";
import css from "./draft-row.module.css";
import { freePorts } from "./free-ports.ts";
import { focusRow } from "./table-keys.ts";

type Draft = {
  name: string | null;
  blueprint: string | null;
  node: string | null;
  gpu: string | null;
  port: string;
  autostart: boolean;
};
const EMPTY: Draft = { name: null, blueprint: null, node: null, gpu: null, port: "", autostart: false };

export function DraftRow({ onClose }: { onClose: () => void }) {
  const { data: blueprints = [] } = useQuery(blueprintsQuery);
  const { data: instances = [] } = useQuery(instancesQuery);
  const [draft, setDraft] = useState(EMPTY);
  const change = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });
  const blueprint = blueprints.find(({ name }) => name === draft.blueprint) ?? blueprints[0];
  const place = { blueprint, blueprints, instances, ...useNodeChoice(blueprint, draft.node) };
  const { node } = place;
  const [freest = ""] = useFreestGpu(node).gpuIds;
  const gpu = draft.gpu ?? freest;
  const taken = instances.map(({ name }) => name);
  const name = draft.name ?? suggestName(blueprint?.name ?? "app", taken);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.scrollIntoView({ block: "end" });
    form.current?.querySelector("input")?.select();
  }, []);

  const start = useRef(false);
  const { submit, busy, error } = useSubmit(async () => {
    if (blueprint === undefined || node === undefined) return;
    const { port, autostart } = draft;
    const wish = { name, blueprint: blueprint.name, node: node.id, gpuIds: gpu === "" ? [] : [gpu], autostart };
    const body = { ...wish, port: port === "" ? null : Number(port), start: start.current };
    const made = await call<Instance>("POST", "/api/instances", body);
    await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
    onClose();
    requestAnimationFrame(() => focusRow(made.id));
  });
  const blocked = node === undefined ? "No node that is online can take it." : undefined;
  return (
    <tbody>
      <tr class={css.row}>
        <td class={css.cell} colSpan={COLUMN_IDS.filter((id) => !hiddenColumns.value.has(id)).length}>
          <form
            ref={form}
            class={css.draft}
            aria-label="New instance"
            onKeyDown={(event) => {
              event.stopPropagation();
              if (event.key === "Escape") onClose();
            }}
            onSubmit={(event) => {
              event.preventDefault();
              start.current = (event.submitter as HTMLButtonElement | null)?.value === "start";
              submit();
            }}
          >
            <DraftFields draft={{ ...draft, name }} gpu={gpu} place={place} onChange={change} />
            <span class={css.buttons}>
              <Button type="submit" value="create" busy={busy} blocked={blocked}>
                Create
              </Button>
              <Button type="submit" value="start" look="primary" busy={busy} blocked={blocked}>
                Create and start
              </Button>
              <Button look="ghost" onClick={onClose}>
                Cancel
              </Button>
            </span>
            {error !== undefined && (
              <p class={css.error} role="alert">
                {explain(error)}
              </p>
            )}
          </form>
        </td>
      </tr>
    </tbody>
  );
}

type Place = {
  blueprint: Blueprint | undefined;
  blueprints: readonly Blueprint[];
  instances: readonly Instance[];
  choices: readonly NodeChoice[];
  node: Node | undefined;
};
type FieldsProps = { draft: Draft; gpu: string; place: Place; onChange: (part: Partial<Draft>) => void };

function DraftFields({ draft, gpu, place, onChange }: FieldsProps) {
  const { blueprint, blueprints, instances, choices, node } = place;
  return (
    <>
      <input
        aria-label="Name"
        maxLength={60}
        autoComplete="off"
        value={draft.name ?? ""}
        onInput={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Choice
        label="Blueprint"
        value={blueprint?.name ?? ""}
        options={blueprints.map(({ name: value, title }) => [value, title])}
        onChange={(value) => onChange({ blueprint: value, gpu: null })}
      />
      <Choice
        label="Node"
        value={node?.id ?? ""}
        options={choices.map(({ node: { id, name: label }, why }) => [id, why ? `${label} · ${why.short}` : label])}
        onChange={(value) => onChange({ node: value, gpu: null, port: "" })}
      />
      {node !== undefined && node.gpus.length > 0 && (
        <Choice
          label="GPU"
          value={gpu}
          options={[["", "all GPUs"], ...node.gpus.map(gpuOption)]}
          onChange={(value) => onChange({ gpu: value })}
        />
      )}
      <Choice
        label="Port"
        value={draft.port}
        options={[["", "auto"], ...(node ? freePorts(node, instances) : []).map(portOption)]}
        onChange={(port) => onChange({ port })}
      />
      <label class={css.check}>
        <input
          type="checkbox"
          checked={draft.autostart}
          onChange={(event) => onChange({ autostart: event.currentTarget.checked })}
        />
        Auto
      </label>
    </>
  );
}

function useNodeChoice(
  blueprint: Blueprint | undefined,
  id: string | null,
): { choices: readonly NodeChoice[]; node: Node | undefined } {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const choices = blueprint === undefined ? [] : nodeChoices(nodes, blueprint.needs);
  const possible = choices.filter(({ why }) => why === undefined).map(({ node }) => node);
  return { choices, node: possible.find((node) => node.id === id) ?? possible[0] };
}

type Option = readonly [value: string, label: string];
type ChoiceProps = { label: string; value: string; options: readonly Option[]; onChange: (value: string) => void };

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select aria-label={label} title={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {options.map(([option, text]) => (
        <option key={option} value={option} selected={option === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function gpuOption({ id, index, name }: Node["gpus"][number]): Option {
  return [id, `${index} ${name}`];
}

function portOption(port: number): Option {
  return [String(port), String(port)];
}
