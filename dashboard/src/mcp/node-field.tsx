/** The node that a server is for. */
import type { Node } from "@roundhouse/protocol/api/node";
import { SelectField } from "../parts/field.tsx";

type NodeFieldProps = {
  nodes: readonly Node[];
  value: string;
  error: string | undefined;
  onChange: (id: string) => void;
};

export function NodeField({ nodes, value, error, onChange }: NodeFieldProps) {
  return (
    <SelectField
      label="Node"
      value={value}
      error={error}
      help="For good: another node is another server."
      options={nodes.map(({ id, name, status }) => ({
        value: id,
        label: status === "online" ? name : `${name} · offline now`,
      }))}
      onChange={onChange}
    />
  );
}
