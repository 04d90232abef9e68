/** Makes another instance out of one that is there: a satellite, which shares its installation, or a copy of it. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { instancesQuery, queryClient } from "../api/queries.ts";
import { suggestName } from "../catalogue/suggest-name.ts";
import { useFreestGpu } from "../nodes/use-freest-gpu.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { type InstanceForm, parsePort, PortAndGpuFields } from "./instance-fields.tsx";
import { showLog } from "./selection.ts";
import { VariablesField } from "./variables-field.tsx";

const FIELDS = ["name", "port", "gpuIds", "restartPolicy", "env"];
export type DeriveVerb = "satellite" | "copy";
type DeriveProps = { verb: DeriveVerb; from: Instance; node: Node | undefined; onClose: () => void };

const WORDS: Readonly<Record<DeriveVerb, { title: string; means: (name: string) => string; ready: string }>> = {
  satellite: {
    title: "New satellite of",
    means: (name) =>
      `It runs from the installation of ${name}, with GPUs, port, outputs and a log of its own. Nothing is installed twice.`,
    ready: "is ready to be started.",
  },
  copy: {
    title: "Copy",
    means: (name) =>
      `It gets an installation of its own, with an environment that works where it lies. Outputs of ${name} are not copied.`,
    ready: "is being copied.",
  },
};
/** null: the suggestion. */
type Chosen = Omit<InstanceForm, "name" | "gpuIds"> & {
  name: string | null;
  gpuIds: readonly string[] | null;
  env: EnvironmentVariable[];
  start: boolean;
};

/** A copy begins as its original is, a satellite as any new instance. */
function begin(verb: DeriveVerb, from: Instance): Chosen {
  const { restartPolicy, env } = verb === "copy" ? from : { restartPolicy: "never" as const, env: [] };
  return { name: null, gpuIds: null, port: "", autostart: false, restartPolicy, env, start: false };
}

export function DeriveDialog({ verb, from, node, onClose }: DeriveProps) {
  const words = WORDS[verb];
  const { data: instances = [] } = useQuery(instancesQuery);
  const [chosen, setChosen] = useState(() => begin(verb, from));
  const [portError, setPortError] = useState<string>();
  const change = (part: Partial<Chosen>): void => setChosen({ ...chosen, ...part });
  const taken = instances.map((instance) => instance.name);
  const freest = useFreestGpu(node);
  const form: InstanceForm = {
    ...chosen,
    name: chosen.name ?? suggestName(from.name, taken),
    gpuIds: chosen.gpuIds ?? freest.gpuIds,
  };

  const { submit, busy, error } = useSubmit(async () => {
    const parsed = parsePort(form.port);
    setPortError("message" in parsed ? parsed.message : undefined);
    if ("message" in parsed) return;
    const input = { ...chosen, name: form.name, gpuIds: form.gpuIds, port: parsed.port };
    const made = await call<Instance>("POST", `/api/instances/${from.id}/${verb}`, input);
    await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
    toast(chosen.start ? `${made.name} starts.` : `${made.name} ${words.ready}`);
    showLog(made.id);
    onClose();
  });
  const errors: Record<string, string> = { ...fieldErrors(error), ...(portError && { port: portError }) };
  return (
    <Dialog
      title={`${words.title} ${from.name}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          {chosen.start ? "Make and start" : "Make"}
        </Button>
      }
    >
      <p>{words.means(from.name)}</p>
      <ErrorNotice error={formError(error, FIELDS)} />
      <TextField
        label="Name"
        value={form.name}
        maxLength={60}
        error={errors.name}
        onInput={(name) => change({ name })}
      />
      <PortAndGpuFields form={form} node={node} latest={freest.latest} errors={errors} onChange={change} />
      <VariablesField value={chosen.env} error={error} onChange={(env) => change({ env })} />
      <Check checked={chosen.start} onChange={(start) => change({ start })}>
        {verb === "copy" ? "Start it when it is copied" : "Start now"}
      </Check>
    </Dialog>
  );
}
