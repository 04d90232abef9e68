/** Installs a blueprint on a node. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Blueprint, Instance, Node } from "@roundhouse/protocol/api";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { instancesQuery, nodesQuery, queryClient } from "../api/queries.ts";
import { type InstanceForm, parsePort, PortAndGpuFields } from "../instances/instance-fields.tsx";
import { showLog } from "../instances/selection.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check, SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { suggestName } from "./suggest-name.ts";

const FIELDS = ["name", "node", "port", "gpuIds", "restartPolicy"];

export function InstallDialog({ blueprint, onClose }: { blueprint: Blueprint; onClose: () => void }) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const { data: instances = [] } = useQuery(instancesQuery);
  const [, navigate] = useLocation();
  const [form, setForm] = useState<InstanceForm>({
    name: "",
    gpuIds: [],
    port: "",
    autostart: false,
    restartPolicy: "never",
  });
  const [named, setNamed] = useState(false);
  const [nodeId, setNodeId] = useState<string>();
  const [start, setStart] = useState(true);
  const [portError, setPortError] = useState<string>();
  const node =
    nodes.find((candidate) => candidate.id === nodeId) ?? nodes.find((candidate) => candidate.status === "online");
  const suggestion = suggestName(
    blueprint.name,
    instances.map((instance) => instance.name),
  );
  const name = named ? form.name : suggestion;

  const { submit, busy, error } = useSubmit(async () => {
    const port = parsePort(form.port);
    setPortError("message" in port ? port.message : undefined);
    if ("message" in port || node === undefined) return;
    const input = { ...form, name, port: port.port, blueprint: blueprint.name, node: node.id, start };
    const instance = await call<Instance>("POST", "/api/instances", input);
    queryClient.setQueryData(instancesQuery.queryKey, (known) => [...(known ?? []), instance]);
    void queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
    toast(start ? `${instance.name} is being installed.` : `${instance.name} is ready to be started.`);
    showLog(instance.id);
    navigate("/");
  });
  const errors: Record<string, string> = { ...fieldErrors(error), ...(portError && { port: portError }) };
  return (
    <Dialog
      title={`Install ${blueprint.title}`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy}
            blocked={node === undefined ? "No node is online." : undefined}
          >
            {start ? "Install and start" : "Install"}
          </Button>
        </>
      }
    >
      <ErrorNotice error={formError(error, FIELDS)} />
      <TextField
        label="Name"
        value={name}
        maxLength={60}
        error={errors.name}
        onInput={(text) => {
          setNamed(true);
          setForm({ ...form, name: text });
        }}
      />
      <SelectField
        label="Node"
        value={node?.id ?? ""}
        options={nodeOptions(nodes)}
        error={errors.node ?? (node === undefined ? "No node is online. Add or start one first." : undefined)}
        onChange={(id) => {
          setNodeId(id);
          setForm({ ...form, gpuIds: [] });
        }}
      />
      <PortAndGpuFields
        form={form}
        node={node}
        errors={errors}
        onChange={(change) => setForm({ ...form, ...change })}
      />
      <Check checked={start} onChange={setStart}>
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
