/** One's own name, e-mail and password. */
import { useState } from "preact/hooks";
import type { User } from "@roundhouse/protocol/api/person";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { setAccount } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import css from "./settings.module.css";

export function AccountSection({ user }: { user: User }) {
  return (
    <section class={css.section} aria-label="My account">
      <div class={css.head}>
        <h2>My account</h2>
        <span class={css.quiet}>{user.role}</span>
      </div>
      <AccountForm user={user} action="Save" onSaved={() => toast("Your account was saved.")} />
    </section>
  );
}

type AccountFormProps = { user: User; action: string; onSaved: () => void };

/** Also the first step of somebody who came by a sign-in link. */
export function AccountForm({ user, action, onSaved }: AccountFormProps) {
  const [name, setName] = useState(user.name);
  const [email, setEmail] = useState(user.hasPassword ? user.email : realEmail(user.email));
  const [password, setPassword] = useState("");
  const { submit, busy, error } = useSubmit(async () => {
    await setAccount({ name, email, password });
    setPassword("");
    onSaved();
  });
  const errors = fieldErrors(error);
  return (
    <form
      class={css.fields}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ErrorNotice error={formError(error, ["name", "email", "password"])} />
      <TextField label="Name" autoComplete="name" value={name} error={errors.name} onInput={setName} />
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        value={email}
        error={errors.email}
        onInput={setEmail}
      />
      <TextField
        label={user.hasPassword ? "New password" : "Password"}
        type="password"
        autoComplete="new-password"
        value={password}
        error={errors.password}
        help="At least 10 characters."
        onInput={setPassword}
      />
      <div>
        <Button type="submit" look="primary" busy={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}

/** The first admin has a made-up address until they give their own. */
function realEmail(email: string): string {
  return /@(?:.*\.)?(?:localhost|local|invalid)$/.test(email) ? "" : email;
}
