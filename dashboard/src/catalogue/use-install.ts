/** The state of installing one blueprint: what was chosen so far, and sending it. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { call } from "../api/call.ts";
import { fieldErrors } from "../api/field-errors.ts";
import { instancesQuery, nodesQuery, queryClient } from "../api/queries.ts";
import { type InstanceForm, parsePort } from "../instances/instance-fields.tsx";
import { showLog } from "../instances/selection.ts";
import { useFreestGpu } from "../nodes/use-freest-gpu.ts";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { type NodeChoice, nodeChoices } from "./node-choices.ts";
import { suggestName } from "./suggest-name.ts";

/** null: the suggestion. */
type Chosen = Omit<InstanceForm, "name" | "gpuIds"> & {
  name: string | null;
  gpuIds: readonly string[] | null;
  nodeId: string | null;
  env: EnvironmentVariable[];
  start: boolean;
};

const NOTHING_CHOSEN: Chosen = {
  name: null,
  nodeId: null,
  gpuIds: null,
  port: "",
  autostart: false,
  restartPolicy: "never",
  env: [],
  start: true,
};

export function useInstall(blueprint: Blueprint, firstNode: string | null) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const { data: instances = [] } = useQuery(instancesQuery);
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState({ ...NOTHING_CHOSEN, nodeId: firstNode });
  const [portError, setPortError] = useState<string>();
  const taken = instances.map((instance) => instance.name);
  const choices = nodeChoices(nodes, blueprint.needs);
  const node = chosenNode(choices, chosen.nodeId);
  const freest = useFreestGpu(node);
  const form: InstanceForm = {
    ...chosen,
    name: chosen.name ?? suggestName(blueprint.name, taken),
    gpuIds: chosen.gpuIds ?? freest.gpuIds,
  };

  const { submit, busy, error } = useSubmit(async () => {
    const parsed = parsePort(form.port);
    setPortError("message" in parsed ? parsed.message : undefined);
    if ("message" in parsed || node === undefined) return;
    const { name, gpuIds, autostart, restartPolicy } = form;
    const { env, start } = chosen;
    const input = { name, gpuIds, autostart, restartPolicy, env, start, port: parsed.port };
    const place = { blueprint: blueprint.name, node: node.id };
    const instance = await call<Instance>("POST", "/api/instances", { ...input, ...place });
    // The feed's hint may have brought it already.
    queryClient.setQueryData(instancesQuery.queryKey, (known) => [
      ...(known ?? []).filter((other) => other.id !== instance.id),
      instance,
    ]);
    toast(start ? `${instance.name} is being installed.` : `${instance.name} is ready to be started.`);
    showLog(instance.id);
    navigate("/");
  });
  const errors: Record<string, string> = { ...fieldErrors(error), ...(portError && { port: portError }) };
  const change = (part: Partial<Chosen>): void => setChosen({ ...chosen, ...part });
  const { env, start } = chosen;
  return { choices, node, latest: freest.latest, form, env, start, change, submit, busy, error, errors };
}

function chosenNode(choices: readonly NodeChoice[], id: string | null): Node | undefined {
  const possible = choices.filter(({ why }) => why === undefined).map(({ node }) => node);
  return possible.find((node) => node.id === id) ?? possible[0];
}
