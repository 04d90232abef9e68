/** The people who may sign in; only admins see them. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { InvitedUser, Role, User } from "@roundhouse/protocol/api";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { queryClient, usersQuery } from "../api/queries.ts";
import { currentUser } from "../api/session.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { CopyField } from "../parts/copy.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { formatRelative } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast, toastError } from "../shell/toasts.tsx";
import { ROLE_OPTIONS } from "./roles.ts";
import css from "./settings.module.css";

const readAgain = (): Promise<void> => queryClient.invalidateQueries({ queryKey: usersQuery.queryKey });

export function PeopleSection() {
  const { data: users = [], error } = useQuery(usersQuery);
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<User | null>(null);
  const setRole = async (user: User, role: string): Promise<void> => {
    await call("PATCH", `/api/users/${user.id}`, { role }).finally(readAgain);
    toast(`${user.name} is now ${role}.`);
  };
  return (
    <section class={css.section} aria-label="People">
      <div class={css.head}>
        <h2>People</h2>
        <Button icon="plus" onClick={() => setInviting(true)}>
          Invite
        </Button>
      </div>
      <ErrorNotice error={error} />
      <ul class={css.list}>
        {users.map((user) => {
          const self = user.id === currentUser.value?.id;
          return (
            <li key={user.id}>
              <strong class={css.name}>{user.name}</strong>
              <span class={css.quiet}>
                {user.email}
                {!user.hasPassword && ", has not signed in yet"}
              </span>
              <select
                class={css.role}
                aria-label={`Role of ${user.name}`}
                value={user.role}
                disabled={self}
                title={self ? "Another admin has to change your role." : undefined}
                onChange={(event) => void setRole(user, event.currentTarget.value).catch(toastError)}
              >
                {ROLE_OPTIONS.map((option) => (
                  <option key={option.value} value={option.value}>
                    {option.value}
                  </option>
                ))}
              </select>
              <Button look="danger" blocked={self ? "This is you." : undefined} onClick={() => setRemoving(user)}>
                Remove
              </Button>
            </li>
          );
        })}
      </ul>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {removing && <RemoveDialog user={removing} onClose={() => setRemoving(null)} />}
    </section>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [invited, setInvited] = useState<InvitedUser | null>(null);
  const { submit, busy, error } = useSubmit(async () => {
    setInvited(await call<InvitedUser>("POST", "/api/users", { name, email, role }));
    await readAgain();
  });
  const errors = fieldErrors(error);
  return (
    <Dialog
      title="Invite somebody"
      onClose={onClose}
      onSubmit={invited ? onClose : submit}
      footer={
        <Button type="submit" look="primary" busy={busy}>
          {invited ? "Done" : "Make the link"}
        </Button>
      }
    >
      {invited ? (
        <>
          <p>
            Send this link to {invited.user.name}. It works once and ends{" "}
            {formatRelative(invited.link.expiresAt, now.value)}.
          </p>
          <CopyField text={invited.link.url} label="Sign-in link" />
        </>
      ) : (
        <>
          <ErrorNotice error={formError(error, ["name", "email", "role"])} />
          <TextField label="Name" value={name} maxLength={60} error={errors.name} onInput={setName} />
          <TextField label="E-mail" type="email" value={email} error={errors.email} onInput={setEmail} />
          <SelectField label="Role" options={ROLE_OPTIONS} value={role} onChange={(value) => setRole(value as Role)} />
        </>
      )}
    </Dialog>
  );
}

function RemoveDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { submit, busy, error } = useSubmit(async () => {
    await call("DELETE", `/api/users/${user.id}`);
    await readAgain();
    onClose();
  });
  return (
    <Dialog
      title={`Remove ${user.name}?`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" icon="trash" busy={busy}>
            Remove
          </Button>
        </>
      }
    >
      <ErrorNotice error={error} />
      <p>They are signed out everywhere and can no longer sign in.</p>
    </Dialog>
  );
}
