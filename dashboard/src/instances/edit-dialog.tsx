/** Changes how an instance is set up. */
import { useState } from "preact/hooks";
import type { Instance, PatchInstance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { toast } from "../shell/toasts.tsx";
import { patchInstance } from "./actions.ts";
import { readPorts, writePorts } from "./declared-ports.ts";
import { type InstanceForm, parsePort, PortAndGpuFields } from "./instance-fields.tsx";
import { MorePortsField } from "./port-field.tsx";

const FIELDS = ["name", "port", "ports", "gpuIds", "restartPolicy"];
type EditProps = { instance: Instance; node: Node | undefined; onClose: () => void };

export function EditDialog({ instance, node, onClose }: EditProps) {
  const [form, setForm] = useState<InstanceForm>({
    name: instance.name,
    gpuIds: instance.gpuIds,
    port: instance.port === null ? "" : String(instance.port),
    autostart: instance.autostart,
    restartPolicy: instance.restartPolicy,
  });
  const [error, setError] = useState<unknown>();
  const [portError, setPortError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const declared = writePorts(instance);
  const [ports, setPorts] = useState(declared);
  const running = instance.status === "started" || instance.status === "starting";

  const save = async (): Promise<void> => {
    const port = parsePort(form.port);
    setPortError("message" in port ? port.message : undefined);
    if ("message" in port) return;
    setBusy(true);
    try {
      const wanted = changes(instance, { ...form, gpuIds: [...form.gpuIds], port: port.port });
      if (ports !== declared) wanted.ports = readPorts(ports);
      await patchInstance(instance.id, wanted);
      toast(running ? `Saved. ${instance.name} takes it over at its next start.` : "Saved.");
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const errors: Record<string, string> = { ...fieldErrors(error), ...(portError && { port: portError }) };
  return (
    <Dialog
      title={`Edit ${instance.name}`}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
        </>
      }
    >
      <ErrorNotice error={formError(error, FIELDS)} />
      <TextField
        label="Name"
        value={form.name}
        error={errors.name}
        help={`Its URL stays ${new URL(instance.url).host}.`}
        onInput={(name) => setForm({ ...form, name })}
      />
      <PortAndGpuFields
        form={form}
        node={node}
        errors={errors}
        onChange={(change) => setForm({ ...form, ...change })}
      />
      <MorePortsField value={ports} error={errors.ports} onInput={setPorts} />
    </Dialog>
  );
}

/** Only what differs: an automatic port that is sent back would become a fixed one. */
function changes(instance: Instance, wanted: PatchInstance): PatchInstance {
  const differing = Object.entries(wanted).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(instance[key as keyof Instance]),
  );
  return Object.fromEntries(differing);
}
