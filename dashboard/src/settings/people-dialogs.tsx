/** Inviting a person, a new link for one, and removing one. */
import { useState } from "preact/hooks";
import type { Role } from "@roundhouse/protocol/api/common";
import type { InvitedUser, SignInLink, User } from "@roundhouse/protocol/api/person";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { queryClient, usersQuery } from "../api/queries.ts";
import { rolesUpToOwn } from "../api/session.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { CopyField } from "../parts/copy.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { formatRelative } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";
import { roleOptions } from "./roles.ts";

const readAgain = (): Promise<void> => queryClient.invalidateQueries({ queryKey: usersQuery.queryKey });

export function InviteDialog({ onClose }: { onClose: () => void }) {
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
        <LinkOnce link={invited.link} name={invited.user.name} />
      ) : (
        <>
          <ErrorNotice error={formError(error, ["name", "email", "role"])} />
          <TextField label="Name" value={name} maxLength={60} error={errors.name} onInput={setName} />
          <TextField label="E-mail" type="email" value={email} error={errors.email} onInput={setEmail} />
          <SelectField
            label="Role"
            options={roleOptions(rolesUpToOwn())}
            value={role}
            onChange={(value) => setRole(value as Role)}
          />
        </>
      )}
    </Dialog>
  );
}

export function LinkDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [link, setLink] = useState<SignInLink | null>(null);
  const { submit, busy, error } = useSubmit(async () => {
    setLink(await call<SignInLink>("POST", `/api/users/${user.id}/sign-in-link`));
  });
  return (
    <Dialog
      title={`A sign-in link for ${user.name}`}
      onClose={onClose}
      onSubmit={link ? onClose : submit}
      footer={
        <Button type="submit" look="primary" busy={busy}>
          {link ? "Done" : "Make the link"}
        </Button>
      }
    >
      <ErrorNotice error={error} />
      {link ? (
        <LinkOnce link={link} name={user.name} />
      ) : (
        <p>
          It signs {user.name} in once, without a password. Whoever has it is {user.name}: hand it over with care.
        </p>
      )}
    </Dialog>
  );
}

function LinkOnce({ link, name }: { link: SignInLink; name: string }) {
  return (
    <>
      <p>
        Send this link to {name}. It works once, is shown only here, and ends{" "}
        {formatRelative(link.expiresAt, now.value)}.
      </p>
      <CopyField text={link.url} label="Sign-in link" />
    </>
  );
}

export function RemovePersonDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const remove = async (): Promise<void> => {
    await call("DELETE", `/api/users/${user.id}`);
    await readAgain();
  };
  return (
    <RemoveDialog name={user.name} remove={remove} onClose={onClose}>
      <p>They are signed out everywhere, and their API keys stop working.</p>
    </RemoveDialog>
  );
}
