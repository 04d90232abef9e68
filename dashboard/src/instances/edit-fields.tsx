/** The fields of the edit dialog. What a satellite shares with its parent is shown, and locked. */
import { useId } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { RestartPolicy } from "@roundhouse/protocol/instance";
import type { VersionField } from "../environment/version-choices.ts";
import { VersionList } from "../environment/version-list.tsx";
import { Check, FieldGroup, SelectField, TextField } from "../parts/field.tsx";
import { useBlueprintChoices } from "./blueprint-choices.ts";
import { lockOf } from "./edits.ts";
import { gpusAsNamed } from "./gpu-choice.ts";
import { GpuField } from "./gpu-field.tsx";
import css from "./instance-fields.module.css";
import { RESTART_OPTIONS } from "./instance-fields.tsx";
import { MorePortsField, PortField } from "./port-field.tsx";
import type { InstanceEdit } from "./use-edit.ts";
import { VariablesField } from "./variables-field.tsx";

type FieldsProps = {
  instance: Instance;
  node: Node | undefined;
  edit: InstanceEdit;
  /** With what the last saving ended: where it is about a part of a field, that part says so. */
  error: unknown;
  errors: Readonly<Record<string, string | undefined>>;
};

export function EditFields(props: FieldsProps) {
  const { edit, error, errors } = props;
  return (
    <>
      <div class={css.pair}>
        <TextField
          label="Name"
          value={edit.text("name")}
          error={errors["name"]}
          help="Its URL follows the name; the old one leads to the new one."
          onInput={(name) => edit.type("name", name)}
        />
        <TextField
          label="Host name"
          mono
          placeholder="none"
          value={edit.text("hostname")}
          error={errors["hostname"]}
          help="An address of its own, such as comfy.example.com. It must lead to this control plane."
          onInput={(hostname) => edit.type("hostname", hostname)}
        />
      </div>
      <Installation {...props} />
      <Launch {...props} />
      <VariablesField
        value={edit.value("env")}
        error={error}
        refused={edit.row.env?.error}
        onChange={(env) => edit.set("env", env)}
      />
    </>
  );
}

function Installation({ instance, edit, errors }: FieldsProps) {
  const blueprint = edit.value("blueprint");
  return (
    <FieldGroup legend="Installation" locked={lockOf(instance, "blueprint")}>
      <div class={css.rows}>
        <div class={css.pair}>
          <SelectField
            label="Blueprint"
            value={blueprint}
            options={useBlueprintChoices(instance, blueprint)}
            error={errors["blueprint"]}
            onChange={(value) => edit.set("blueprint", value)}
          />
          <TextField
            label="Outputs folder"
            mono
            placeholder={instance.name}
            value={edit.text("outputPath")}
            error={errors["outputPath"]}
            onInput={(text) => edit.type("outputPath", text)}
          />
        </div>
        {instance.kind !== "container" && (
          <div class={css.versions}>
            {VERSIONS.map(([field, label]) => (
              <Version key={field} field={field} label={label} {...{ instance, edit, errors }} />
            ))}
          </div>
        )}
      </div>
    </FieldGroup>
  );
}

const VERSIONS: readonly (readonly [VersionField, string])[] = [
  ["pythonVersion", "Python"],
  ["cudaVersion", "CUDA"],
  ["torchVersion", "PyTorch"],
];

type VersionProps = Omit<FieldsProps, "node" | "error"> & { field: VersionField; label: string };

function Version({ field, label, instance, edit, errors }: VersionProps) {
  const id = useId();
  return (
    <div>
      <TextField
        label={label}
        placeholder="default"
        list={id}
        value={edit.text(field)}
        error={errors[field]}
        onInput={(text) => edit.type(field, text)}
      />
      <VersionList id={id} nodeId={instance.node} field={field} cuda={edit.value("cudaVersion")} />
    </div>
  );
}

function Launch({ instance, node, edit, errors }: FieldsProps) {
  return (
    <>
      <GpuField
        node={node}
        chosen={edit.value("gpuIds")}
        error={errors["gpuIds"]}
        onChange={(wanted) => edit.set("gpuIds", gpusAsNamed(instance.gpuIds, wanted, node?.gpus ?? []))}
      />
      <div class={css.pair}>
        <PortField
          node={node}
          value={edit.text("port")}
          error={errors["port"]}
          onInput={(text) => edit.type("port", text)}
        />
        <SelectField
          label="Restart"
          value={edit.value("restartPolicy")}
          options={RESTART_OPTIONS}
          error={errors["restartPolicy"]}
          onChange={(value) => edit.set("restartPolicy", value as RestartPolicy)}
        />
      </div>
      <MorePortsField value={edit.text("ports")} error={errors["ports"]} onInput={(text) => edit.type("ports", text)} />
      <Check
        checked={edit.value("autostart")}
        onChange={(autostart) => edit.set("autostart", autostart)}
        help="After a reboot of the node, for example."
      >
        Start with its node
      </Check>
    </>
  );
}
