/** The fields that installing and editing an instance have in common. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Gpu, Stats } from "@roundhouse/protocol/facts";
import type { RestartPolicy } from "@roundhouse/protocol/instance";
import { Check, FieldGroup, SelectField } from "../parts/field.tsx";
import { formatBytes } from "../parts/format.ts";
import { PortField } from "./port-field.tsx";
import { freeMemoryOf } from "../nodes/freest-gpu.ts";
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

const RESTART_OPTIONS: readonly { value: RestartPolicy; label: string }[] = [
  { value: "never", label: "Never: show the error" },
  { value: "on-failure", label: "When it fails" },
  { value: "always", label: "Always" },
];

export function PortAndGpuFields({ form, onChange, node, errors, latest }: FieldsProps) {
  return (
    <>
      {node && node.gpus.length > 0 && (
        <FieldGroup legend="GPUs (none chosen: all of them)">
          {node.gpus.map((gpu) => (
            <Check
              key={gpu.id}
              checked={form.gpuIds.includes(gpu.id)}
              onChange={(checked) =>
                onChange({ gpuIds: checked ? [...form.gpuIds, gpu.id] : form.gpuIds.filter((id) => id !== gpu.id) })
              }
            >
              <span class={css.gpu}>{gpu.index}</span> {gpu.name} · {memoryWords(gpu, latest)}
            </Check>
          ))}
          {errors.gpuIds && <p class={css.error}>{errors.gpuIds}</p>}
        </FieldGroup>
      )}
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

/** `18.2 of 24 GiB free`, or how much there is while nobody has measured. */
export function memoryWords(gpu: Gpu, latest: Stats | undefined): string {
  const total = formatBytes(gpu.memoryTotalBytes);
  return latest === undefined ? total : `${formatBytes(freeMemoryOf(gpu, latest))} of ${total} free`;
}

/** The port as the API takes it, or a message for the field. */
export function parsePort(text: string): { port: number | null } | { message: string } {
  if (text.trim() === "") return { port: null };
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { message: `"${text}" is no port: 1 to 65535.` };
  return { port };
}
