/** Chooses one of a node's folders, or names a path of it. */
import { SelectField, TextField } from "../parts/field.tsx";
import css from "./mcp.module.css";
import { FOLDERS } from "./preset-draft.ts";

type FolderProps = {
  label: string;
  value: string;
  help?: string;
  error?: string | undefined;
  onChange: (value: string) => void;
};

const PATH = "/";

export function FolderField({ label, value, help, error, onChange }: FolderProps) {
  const isPath = value.startsWith(PATH);
  return (
    <div class={css.folder}>
      <SelectField
        label={label}
        value={isPath ? PATH : value}
        {...(help !== undefined && { help })}
        error={isPath ? undefined : error}
        options={[
          ...(value === "" ? [{ value: "", label: "choose a folder" }] : []),
          ...FOLDERS,
          { value: PATH, label: "another path of the node…" },
        ]}
        onChange={onChange}
      />
      {isPath && (
        <TextField
          label={`${label}: path`}
          mono
          value={value}
          error={error}
          help="Absolute. In a container only what the node's owner allowed is mounted."
          onInput={(path) => onChange(path.startsWith(PATH) ? path : PATH + path)}
        />
      )}
    </div>
  );
}
