/** Installs a blueprint on a node. */
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import { formError } from "../api/field-errors.ts";
import { PortAndGpuFields } from "../instances/instance-fields.tsx";
import { VariablesField } from "../instances/variables-field.tsx";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check, SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { gpuWords } from "../nodes/hosting-words.ts";
import type { NodeChoice } from "./node-choices.ts";
import css from "./page.module.css";
import { useInstall } from "./use-install.ts";

const FIELDS = ["name", "node", "port", "gpuIds", "restartPolicy", "env"];

type InstallProps = { blueprint: Blueprint; nodeId: string | null; onClose: () => void };

export function InstallDialog({ blueprint, nodeId, onClose }: InstallProps) {
  const { choices, node, latest, form, env, start, change, submit, busy, error, errors } = useInstall(
    blueprint,
    nodeId,
  );
  const noNode = node === undefined ? noNodeWords(choices) : undefined;
  return (
    <Dialog
      title={`Install ${blueprint.title}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy} blocked={noNode}>
          {start ? "Install and start" : "Install"}
        </Button>
      }
    >
      <ErrorNotice error={formError(error, FIELDS)} />
      <TextField
        label="Name"
        value={form.name}
        maxLength={60}
        error={errors.name}
        onInput={(name) => change({ name })}
      />
      <SelectField
        label="Node"
        value={node?.id ?? ""}
        options={choices.map(toOption)}
        error={errors.node ?? noNode}
        onChange={(id) => change({ nodeId: id, gpuIds: null })}
      />
      <Unfit choices={choices} />
      <PortAndGpuFields form={form} node={node} latest={latest} errors={errors} onChange={change} />
      <VariablesField value={env} error={error} onChange={(next) => change({ env: next })} />
      <Check checked={start} onChange={(checked) => change({ start: checked })}>
        Start now
      </Check>
    </Dialog>
  );
}

function toOption({ node, why }: NodeChoice) {
  const short = why === undefined ? "" : ` · ${why.short}`;
  return { value: node.id, label: `${node.name} · ${gpuWords(node.gpus)}${short}`, disabled: why !== undefined };
}

/** The nodes that cannot take it, each with its reasons: an option of a list has no room for them. */
function Unfit({ choices }: { choices: readonly NodeChoice[] }) {
  const unfit = choices.filter(isUnfit);
  if (unfit.length === 0) return null;
  return (
    <ul class={css.unfit} aria-label="Nodes that cannot take it">
      {unfit.map(({ node, why }) => (
        <li key={node.id}>
          <strong>
            {node.name}: {why?.short}
          </strong>
          {why?.reasons.map((reason) => (
            <p key={reason}>{reason}</p>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** Online, and still it cannot take it. */
function isUnfit({ why }: NodeChoice): boolean {
  return why !== undefined && why.reasons.length > 0;
}

function noNodeWords(choices: readonly NodeChoice[]): string {
  if (choices.some(isUnfit)) return "No node that is online can take it. Add one that does.";
  return "No node is online. Add or start one first.";
}
