/** Making a secret, replacing its value, and removing it. A value is typed here and never shown again. */
import { useState } from "preact/hooks";
import type { Secret } from "@roundhouse/protocol/api/secret";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { queryClient, secretsQuery } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { CopyField } from "../parts/copy.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { newSigningKey } from "./signing-key.ts";
import { SecretUsers } from "./users.tsx";

const readAgain = (): Promise<void> => queryClient.invalidateQueries({ queryKey: secretsQuery.queryKey });

type NewSecretProps = {
  onClose: () => void;
  onMade?: (name: string) => void;
  /** It is to sign webhooks: a key can be made for it. */
  forSigning?: boolean;
};

export function NewSecretDialog({ onClose, onMade, forSigning }: NewSecretProps) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const { submit, busy, error } = useSubmit(async () => {
    await call("POST", "/api/secrets", { name, value });
    await readAgain();
    toast(`${name} is kept.`);
    onMade?.(name);
    onClose();
  });
  const errors = fieldErrors(error);
  return (
    <Dialog
      title="New secret"
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          Keep it
        </Button>
      }
    >
      <ErrorNotice error={formError(error, ["name", "value"])} />
      <TextField
        label="Name"
        mono
        placeholder={forSigning ? "DEPLOY_HOOK" : "OPENAI_KEY"}
        value={name}
        maxLength={64}
        error={errors["name"]}
        help="Letters, digits and _. What uses it refers to it by this."
        onInput={setName}
      />
      <ValueFields value={value} error={errors["value"]} forSigning={forSigning} onChange={setValue} />
    </Dialog>
  );
}

type ReplaceProps = { secret: Secret; onClose: () => void };

export function ReplaceSecretDialog({ secret, onClose }: ReplaceProps) {
  const [value, setValue] = useState("");
  const { submit, busy, error } = useSubmit(async () => {
    await call("PUT", `/api/secrets/${secret.name}`, { value });
    await readAgain();
    toast(`${secret.name} has another value. Whoever uses it takes that from now on.`);
    onClose();
  });
  return (
    <Dialog
      title={`Replace ${secret.name}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          Replace
        </Button>
      }
    >
      <ErrorNotice error={formError(error, ["value"])} />
      <ValueFields value={value} error={fieldErrors(error)["value"]} forSigning onChange={setValue} />
    </Dialog>
  );
}

type ValueProps = {
  value: string;
  error: string | undefined;
  forSigning: boolean | undefined;
  onChange: (value: string) => void;
};

function ValueFields({ value, error, forSigning, onChange }: ValueProps) {
  const [made, setMade] = useState<string | null>(null);
  const make = (): void => {
    const key = newSigningKey();
    setMade(key);
    onChange(key);
  };
  return (
    <>
      <TextField
        label="Value"
        type="password"
        mono
        autoComplete="new-password"
        value={value}
        error={error}
        help="At least 8 characters. It is encrypted, and never shown again."
        onInput={(next) => {
          setMade(null);
          onChange(next);
        }}
      />
      {made !== null && (
        <>
          <p>Whoever calls the webhook needs this key too. It is shown only now.</p>
          <CopyField text={made} label="The new key" />
        </>
      )}
      {forSigning && (
        <div>
          <Button icon="key" onClick={make}>
            Make a key for webhooks
          </Button>
        </div>
      )}
    </>
  );
}

export function RemoveSecretDialog({ secret, onClose }: ReplaceProps) {
  const remove = async (): Promise<void> => {
    await call("DELETE", `/api/secrets/${secret.name}`);
    await readAgain();
    toast(`${secret.name} was removed.`);
  };
  return (
    <RemoveDialog name={secret.name} remove={remove} onClose={onClose}>
      {secret.usedBy.length > 0 ? (
        <p>
          It is in use: <SecretUsers users={secret.usedBy} />. Have them use another one first.
        </p>
      ) : (
        <p>Nothing uses it. Its value is gone for good.</p>
      )}
    </RemoveDialog>
  );
}
