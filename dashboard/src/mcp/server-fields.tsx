/** The fields of an MCP server that somebody writes or changes. */
import type { Node } from "@roundhouse/protocol/api/node";
import { errorUnder } from "../api/field-errors.ts";
import { VariablesField } from "../instances/variables-field.tsx";
import { Check, FieldGroup, SelectField, TextArea, TextField } from "../parts/field.tsx";
import css from "./mcp.module.css";
import { MountFields } from "./mount-fields.tsx";
import type { ServerDraft } from "./run-draft.ts";

export type ServerForm = {
  draft: ServerDraft;
  change: (part: Partial<ServerDraft>) => void;
  /** By path. */
  errors: Readonly<Record<string, string>>;
};

const KINDS = [
  { value: "command", label: "A command", help: "A program of the node that speaks MCP over its input and output." },
  { value: "container", label: "A container", help: "The same from an image, walled off: it sees what you mount." },
  { value: "http", label: "A port on the node", help: "A server that listens there already." },
] as const;
const TRANSPORTS = [
  { value: "streamable", label: "Streamable HTTP" },
  { value: "sse", label: "SSE (HTTP+SSE of 2024-11-05)" },
];

type FieldsProps = { form: ServerForm; error: unknown; node: Node | undefined };

export function ServerFields({ form, error, node }: FieldsProps) {
  const { draft, change, errors } = form;
  return (
    <>
      <TextField
        label="Name"
        mono
        value={draft.name}
        maxLength={40}
        placeholder="filesystem"
        error={errors["name"]}
        help="Its tools are called by it: name/tool. a-z, 0-9 and dashes."
        onInput={(name) => change({ name })}
      />
      <FieldGroup legend="What it is">
        {KINDS.map(({ value, label, help }) => (
          <Check
            key={value}
            type="radio"
            name="mcp-kind"
            checked={draft.kind === value}
            help={help}
            onChange={() => change({ kind: value })}
          >
            {label}
          </Check>
        ))}
        {draft.kind === "container" && node?.capabilities.docker === false && (
          <p class={css.caution}>{node.name} has no Docker: there it cannot start.</p>
        )}
      </FieldGroup>
      {draft.kind === "command" && <CommandFields {...form} />}
      {draft.kind === "container" && <ContainerFields {...form} />}
      {draft.kind === "http" && <HttpFields {...form} />}
      <VariablesField value={draft.env} error={error} onChange={(env) => change({ env })} />
      {draft.kind !== "http" && (
        <TextField
          label="Ends after minutes without a request"
          inputMode="decimal"
          value={draft.idleMinutes}
          error={errors["idleMinutes"]}
          help="Empty: it stays. The next request starts it again."
          onInput={(idleMinutes) => change({ idleMinutes })}
        />
      )}
    </>
  );
}

function CommandFields({ draft, change, errors }: ServerForm) {
  return (
    <>
      <TextField
        label="Command"
        mono
        value={draft.command}
        placeholder="npx"
        error={errors["run.command"]}
        help="Runs as the apps' user of the node, in a folder of its own, without a wall around it."
        onInput={(command) => change({ command })}
      />
      <ArgumentsField {...{ draft, change, errors }} />
    </>
  );
}

function ArgumentsField({ draft, change, errors }: ServerForm) {
  return (
    <TextArea
      label="Arguments"
      mono
      rows={4}
      value={draft.args}
      error={errorUnder(errors, "run.args")}
      help="One a line, as they are: no quotes. {own}, {workspace}, {models}, {outputs} and {datasets} stand for folders of the node. No place for secrets."
      onInput={(args) => change({ args })}
    />
  );
}

function ContainerFields({ draft, change, errors }: ServerForm) {
  return (
    <>
      <TextField
        label="Image"
        mono
        value={draft.image}
        placeholder="docker.io/mcp/filesystem"
        error={errors["run.image"]}
        onInput={(image) => change({ image })}
      />
      <ArgumentsField {...{ draft, change, errors }} />
      <MountFields rows={draft.mounts} errors={errors} onChange={(mounts) => change({ mounts })} />
      <Check
        checked={draft.network}
        onChange={(network) => change({ network })}
        help="Else it reaches no other machine."
      >
        It may use the network
      </Check>
      <Check checked={draft.writable} onChange={(writable) => change({ writable })} help="They are gone with it.">
        It may write to its own files
      </Check>
      <TextField
        label="Memory"
        value={draft.memory}
        placeholder="512MiB"
        error={errors["run.memory"]}
        help="At most. Empty: all of its node's."
        onInput={(memory) => change({ memory })}
      />
    </>
  );
}

function HttpFields({ draft, change, errors }: ServerForm) {
  return (
    <>
      <div class={css.pair}>
        <TextField
          label="Port"
          inputMode="numeric"
          value={draft.port}
          placeholder="8000"
          error={errors["run.port"]}
          onInput={(port) => change({ port })}
        />
        <TextField
          label="Path"
          mono
          value={draft.path}
          error={errors["run.path"]}
          onInput={(path) => change({ path })}
        />
        <SelectField
          label="Speaks"
          value={draft.transport}
          options={TRANSPORTS}
          error={errors["run.transport"]}
          onChange={(transport) => change({ transport: transport as ServerDraft["transport"] })}
        />
      </div>
      <TextArea
        label="Headers"
        mono
        rows={2}
        value={draft.headers}
        placeholder="Authorization: API_TOKEN"
        error={errorUnder(errors, "run.headers")}
        help="One a line: the header's name, and the variable below that holds its value."
        onInput={(headers) => change({ headers })}
      />
    </>
  );
}
