/** The fields that installing and editing an instance have in common. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import type { RestartPolicy } from "@roundhouse/protocol/instance";
import { Check, SelectField } from "../parts/field.tsx";
import { GpuField } from "./gpu-field.tsx";
import { PortField } from "./port-field.tsx";
import css from "./instance-fields.module.css";

export type InstanceForm = {
  name: string;
  gpuIds: readonly string[];
  /** As typed; empty means the node chooses. */
  port: string;
  autostart: boolean;
  restartPolicy: RestartPolicy;
};

type FieldsProps = {
  form: InstanceForm;
  onChange: (change: Partial<InstanceForm>) => void;
  node: Node | undefined;
  errors: Readonly<Record<string, string>>;
  /** The node's newest sample, where the form follows it. */
  latest?: Stats | undefined;
};

export const RESTART_OPTIONS: readonly { value: RestartPolicy; label: string }[] = [
  { value: "never", label: "Never: show the error" },
  { value: "on-failure", label: "When it fails" },
  { value: "always", label: "Always" },
];

export function PortAndGpuFields({ form, onChange, node, errors, latest }: FieldsProps) {
  return (
    <>
      <GpuField
        node={node}
        chosen={form.gpuIds}
        error={errors.gpuIds}
        latest={latest}
        onChange={(gpuIds) => onChange({ gpuIds })}
      />
      <div class={css.pair}>
        <PortField node={node} value={form.port} error={errors.port} onInput={(port) => onChange({ port })} />
        <SelectField
          label="Restart"
          value={form.restartPolicy}
          options={RESTART_OPTIONS}
          error={errors.restartPolicy}
          onChange={(value) => onChange({ restartPolicy: value as RestartPolicy })}
        />
      </div>
      <Check
        checked={form.autostart}
        onChange={(autostart) => onChange({ autostart })}
        help="After a reboot of the node, for example."
      >
        Start with its node
      </Check>
    </>
  );
}

/** The port as the API takes it, or a message for the field. */
export function parsePort(text: string): { port: number | null } | { message: string } {
  if (text.trim() === "") return { port: null };
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { message: `"${text}" is no port: 1 to 65535.` };
  return { port };
}
