/** Installs a blueprint on a node. */
import type { Blueprint, Node } from "@roundhouse/protocol/api";
import { formError } from "../api/field-errors.ts";
import { PortAndGpuFields } from "../instances/instance-fields.tsx";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check, SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useInstall } from "./use-install.ts";

const FIELDS = ["name", "node", "port", "gpuIds", "restartPolicy"];

export function InstallDialog({ blueprint, onClose }: { blueprint: Blueprint; onClose: () => void }) {
  const { nodes, node, form, start, change, submit, busy, error, errors } = useInstall(blueprint);
  const noNode = node === undefined ? "No node is online. Add or start one first." : undefined;
  return (
    <Dialog
      title={`Install ${blueprint.title}`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} blocked={noNode}>
            {start ? "Install and start" : "Install"}
          </Button>
        </>
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
        options={nodeOptions(nodes)}
        error={errors.node ?? noNode}
        onChange={(nodeId) => change({ nodeId, gpuIds: [] })}
      />
      <PortAndGpuFields form={form} node={node} errors={errors} onChange={change} />
      <Check checked={start} onChange={(checked) => change({ start: checked })}>
        Start now
      </Check>
    </Dialog>
  );
}

function nodeOptions(nodes: readonly Node[]) {
  return nodes
    .toSorted((a, b) => Number(b.status === "online") - Number(a.status === "online"))
    .map((node) => ({
      value: node.id,
      label: `${node.name} · ${gpuSummary(node)}${node.status === "online" ? "" : " · offline"}`,
      disabled: node.status !== "online",
    }));
}

function gpuSummary(node: Node): string {
  const [first] = node.gpus;
  if (first === undefined) return "no GPU";
  return node.gpus.length === 1 ? first.name : `${node.gpus.length} × ${first.name}`;
}
