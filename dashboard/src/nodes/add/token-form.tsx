/** The first step: a join token, and what became of it. */
import { useState } from "preact/hooks";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import { fieldErrors, formError } from "../../api/field-errors.ts";
import { blockedFor } from "../../api/session.ts";
import { now } from "../../live/now.ts";
import { Button } from "../../parts/button.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { formatRelative, plural } from "../../parts/format.ts";
import { ErrorNotice } from "../../parts/notice.tsx";
import { useSubmit } from "../../parts/submit.ts";
import css from "./add.module.css";
import { madeToken, makeToken } from "./made-token.ts";
import { goToStep, LINE_STEP, TOKEN_STEP } from "./steps.ts";
import type { TokenState } from "./token-state.ts";

const LIFETIMES = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "2592000", label: "30 days" },
];
const FIELDS = ["name", "uses"];

export function TokenForm() {
  const [name, setName] = useState("");
  const [uses, setUses] = useState("1");
  const [lifetime, setLifetime] = useState("3600");
  const { submit, busy, error } = useSubmit(async () => {
    await makeToken({ uses: Number(uses), expiresInSeconds: Number(lifetime), name: name.trim() || undefined });
    goToStep(LINE_STEP);
  });
  const errors = fieldErrors(error);
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ErrorNotice error={formError(error, FIELDS)} />
      <div class={css.fields}>
        <TextField
          label="Name (optional)"
          placeholder="what it is for"
          value={name}
          maxLength={60}
          error={errors.name}
          onInput={setName}
        />
        <TextField
          label="Machines"
          type="number"
          inputMode="numeric"
          min={1}
          max={1000}
          value={uses}
          error={errors.uses}
          onInput={setUses}
        />
        <SelectField label="Valid for" options={LIFETIMES} value={lifetime} onChange={setLifetime} />
        <Button type="submit" look="primary" busy={busy} blocked={blockedFor("admin")}>
          Make the line
        </Button>
      </div>
    </form>
  );
}

type MadeProps = { token: NewJoinToken; state: TokenState; usesLeft: number };

/** In place of the form, once there is a token. */
export function MadeToken({ token, state, usesLeft }: MadeProps) {
  return (
    <div class={css.made} data-state={state}>
      <p role="status">
        {token.name !== null && <strong>{token.name}: </strong>}
        {state === "works" ? (
          <>
            Good for {plural(usesLeft, "machine")}, ends {formatRelative(token.expiresAt, now.value)}. It is shown only
            here.
          </>
        ) : (
          OVER[state]
        )}
      </p>
      <Button
        look={state === "works" ? "plain" : "primary"}
        onClick={() => {
          madeToken.value = null;
          goToStep(TOKEN_STEP);
        }}
      >
        Make another
      </Button>
    </div>
  );
}

const OVER: Readonly<Record<Exclude<TokenState, "works">, string>> = {
  "used-up": "Used up: every machine it was made for has joined. Make another one for more.",
  expired: "It has expired: the line no longer works. Make another one. Nodes that joined with it stay.",
  revoked: "It was revoked: the line no longer works. Make another one. Nodes that joined with it stay.",
};
