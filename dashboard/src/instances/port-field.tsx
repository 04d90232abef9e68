/** The fields for an instance's ports: the main one, with those of its node that are free, and the others. */
import { useQuery } from "@tanstack/preact-query";
import { useId } from "preact/hooks";
import type { Node, NodePorts } from "@roundhouse/protocol/api/node";
import { nodePortsQuery } from "../api/queries.ts";
import { TextField } from "../parts/field.tsx";

type PortFieldProps = {
  node: Node | undefined;
  value: string;
  error: string | undefined;
  onInput: (port: string) => void;
};

export function PortField({ node, value, error, onInput }: PortFieldProps) {
  const id = useId();
  const { data } = useQuery({ ...nodePortsQuery(node?.id ?? ""), enabled: node !== undefined });
  return (
    <>
      <TextField
        label="Port"
        mono
        inputMode="numeric"
        placeholder="automatic"
        list={id}
        value={value}
        error={error}
        help={helpOf(node, data)}
        onInput={onInput}
      />
      <datalist id={id}>
        {data?.free.map((port) => (
          <option key={port} value={port} />
        ))}
      </datalist>
    </>
  );
}

type MorePortsProps = { value: string; error: string | undefined; onInput: (ports: string) => void };

/** Text as `declared-ports.ts` reads it. */
export function MorePortsField(props: MorePortsProps) {
  return (
    <TextField
      {...props}
      label="More ports"
      mono
      placeholder="api:8001, ui:auto:UI_PORT"
      help="Each with a name and a URL of its own. With auto the node chooses the number, and the variable tells it."
    />
  );
}

function helpOf(node: Node | undefined, ports: NodePorts | undefined): string | undefined {
  if (node === undefined) return undefined;
  const { first, last } = node.portPool;
  if (ports === undefined) return `Automatic takes a free one of ${first}–${last}.`;
  const { length: free } = ports.free;
  if (free > 0) return `Automatic takes a free one of ${first}–${last}; ${free} are free.`;
  return `All of ${first}–${last} belong to instances; automatic takes that of one that rests. Nodes gives more.`;
}
