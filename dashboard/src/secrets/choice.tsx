/** Chooses one of the secrets by name, or makes a new one on the spot. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { secretsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { SelectField } from "../parts/field.tsx";
import { NewSecretDialog } from "./dialogs.tsx";

/** No secret's name has a space. */
const MAKE = "make one";

type ChoiceProps = {
  label: string;
  bare?: boolean;
  value: string | null;
  /** What it says where none is chosen. */
  none: string;
  help?: string;
  error?: string | undefined;
  forSigning?: boolean;
  onChange: (name: string | null) => void;
};

export function SecretChoice({ label, bare, value, none, help, error, forSigning, onChange }: ChoiceProps) {
  const { data = [] } = useQuery({ ...secretsQuery, enabled: blockedFor("operator") === undefined });
  const [making, setMaking] = useState(false);
  const names = data.map(({ name }) => name);
  const all = value === null || names.includes(value) ? names : [value, ...names];
  return (
    <>
      <SelectField
        // After "new secret" was given up the field has to show what is chosen again.
        key={String(making)}
        label={label}
        bare={bare}
        {...(help !== undefined && { help })}
        error={error}
        value={value ?? ""}
        options={[
          { value: "", label: none },
          ...all.map((name) => ({ value: name, label: name })),
          ...(blockedFor("admin") === undefined ? [{ value: MAKE, label: "new secret…" }] : []),
        ]}
        onChange={(name) => (name === MAKE ? setMaking(true) : onChange(name === "" ? null : name))}
      />
      {making && (
        <NewSecretDialog
          {...(forSigning !== undefined && { forSigning })}
          onClose={() => setMaking(false)}
          onMade={onChange}
        />
      )}
    </>
  );
}
