/** The people who may sign in; only admins see them. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { User } from "@roundhouse/protocol/api/person";
import { call } from "../api/call.ts";
import { queryClient, usersQuery } from "../api/queries.ts";
import { currentUser, rolesUpToOwn } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { InviteDialog, LinkDialog, RemovePersonDialog } from "./people-dialogs.tsx";
import { roleOptions } from "./roles.ts";
import css from "./settings.module.css";

type Asked = { what: "invite" } | { what: "link" | "remove"; user: User };

export function PeopleSection() {
  const { data: users = [], error } = useQuery(usersQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  return (
    <section class={css.section} aria-label="People">
      <div class={css.head}>
        <h2>People</h2>
        <Button icon="plus" onClick={() => setAsked({ what: "invite" })}>
          Invite
        </Button>
      </div>
      <ErrorNotice error={error} />
      <ul class={css.list}>
        {users.map((user) => (
          <Person key={user.id} user={user} onAsk={setAsked} />
        ))}
      </ul>
      {asked?.what === "invite" && <InviteDialog onClose={close} />}
      {asked?.what === "link" && <LinkDialog user={asked.user} onClose={close} />}
      {asked?.what === "remove" && <RemovePersonDialog user={asked.user} onClose={close} />}
    </section>
  );
}

function Person({ user, onAsk }: { user: User; onAsk: (asked: Asked) => void }) {
  const self = user.id === currentUser.value?.id;
  return (
    <li>
      <strong class={css.name}>{user.name}</strong>
      <span class={css.quiet}>
        {user.email}
        {!user.hasPassword && ", has no password yet"}
      </span>
      <select
        class={css.role}
        aria-label={`Role of ${user.name}`}
        value={user.role}
        disabled={self}
        title={self ? "Another admin has to change your role." : undefined}
        onChange={(event) => void setRole(user, event.currentTarget.value).catch(toastError)}
      >
        {roleOptions(rolesUpToOwn()).map((option) => (
          <option key={option.value} value={option.value}>
            {option.value}
          </option>
        ))}
      </select>
      <span class={css.tools}>
        <Button
          title="Make a one-use sign-in link, for somebody who lost theirs or the password"
          blocked={self ? "This is you." : undefined}
          onClick={() => onAsk({ what: "link", user })}
        >
          Link
        </Button>
        <Button
          look="danger"
          blocked={self ? "This is you." : undefined}
          onClick={() => onAsk({ what: "remove", user })}
        >
          Remove
        </Button>
      </span>
    </li>
  );
}

async function setRole(user: User, role: string): Promise<void> {
  try {
    await call("PATCH", `/api/users/${user.id}`, { role });
  } finally {
    await queryClient.invalidateQueries({ queryKey: usersQuery.queryKey });
  }
  toast(`${user.name} is now ${role}.`);
}
