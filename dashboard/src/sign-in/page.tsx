/** Signing in: with a one-use link, or with e-mail and password. */
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { User } from "@roundhouse/protocol/api/person";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { currentUser, signIn } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { AccountForm } from "../settings/account.tsx";
import { Logo } from "../shell/logo.tsx";
import { nextPath } from "./next.ts";
import css from "./sign-in.module.css";
import { onLaterToken, takeToken } from "./token.ts";

export function SignInPage() {
  const [, navigate] = useLocation();
  const user = currentUser.value;
  const arrive = (): void => navigate(nextPath(location.search, location.origin), { replace: true });
  useEffect(() => {
    if (user?.hasPassword) arrive();
  }, [user]);
  return (
    <main class={css.page}>
      <Turntable />
      <div class={css.card}>
        <div class={css.brand}>
          <Logo size={38} heading={0} />
          <span>Roundhouse</span>
        </div>
        {user && !user.hasPassword ? <Welcome user={user} onDone={arrive} /> : <SignInForm />}
      </div>
    </main>
  );
}

function SignInForm() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState(takeToken);
  const byLink = useSubmit(async () => {
    if (token !== null) await signIn({ token });
  });
  useEffect(() => onLaterToken(setToken), []);
  const byPassword = useSubmit(async () => {
    await signIn({ email, password });
  });
  useEffect(() => {
    if (token === null) return;
    byLink.submit();
    setToken(null);
  }, [token]);
  if (byLink.busy || token !== null) return <p role="status">Signing in…</p>;
  const errors = fieldErrors(byPassword.error);
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        byPassword.submit();
      }}
    >
      <h1>Sign in</h1>
      <ErrorNotice error={byLink.error} />
      <ErrorNotice error={formError(byPassword.error, ["email", "password"])} />
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        autoFocus
        value={email}
        error={errors.email}
        onInput={setEmail}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        error={errors.password}
        onInput={setPassword}
      />
      <Button type="submit" look="primary" busy={byPassword.busy}>
        Sign in
      </Button>
      <p class={css.quiet}>
        No password yet? Use the sign-in link that <code>npm start</code> printed, or ask an admin for one.
      </p>
    </form>
  );
}

function Welcome({ user, onDone }: { user: User; onDone: () => void }) {
  return (
    <div class={css.form}>
      <h1>Welcome</h1>
      <p class={css.quiet}>The link worked once. Set how you sign in from now on.</p>
      <AccountForm user={user} action="Continue" onSaved={onDone} />
    </div>
  );
}

/** The house from above, behind the form. */
function Turntable() {
  const stalls = Array.from({ length: 24 }, (_, index) => index * 15);
  return (
    <svg class={css.turntable} viewBox="-200 -200 400 400" aria-hidden="true">
      {stalls.map((angle) => (
        <path key={angle} d="M-6 -104V-190M6 -104V-190M-11 -190h22" transform={`rotate(${angle})`} />
      ))}
      <circle r="98" />
      <circle r="92" stroke-dasharray="2 7" />
      <g class={css.bridge}>
        <path d="M-6 -98V98M6 -98V98" />
        <path d="M-9 -80h18M-9 -64h18M-9 -48h18M-9 -32h18M-9 -16h18M-9 0h18M-9 16h18M-9 32h18M-9 48h18M-9 64h18M-9 80h18" />
      </g>
    </svg>
  );
}
