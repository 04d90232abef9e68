/** What uses a secret, each with a link to where that can be changed. */
import { Fragment } from "preact";
import { Link } from "wouter-preact";
import type { Secret } from "@roundhouse/protocol/api/secret";
import { showLog } from "../instances/selection.ts";
import { serverPath } from "../mcp/paths.ts";

const KIND_WORDS = { provider: "provider", job: "job", instance: "instance", "mcp-server": "MCP server" } as const;

type User = Secret["usedBy"][number];

export function SecretUsers({ users }: { users: readonly User[] }) {
  return (
    <>
      {users.map((user, index) => (
        <Fragment key={`${user.kind} ${user.id}`}>
          {index > 0 && ", "}
          {KIND_WORDS[user.kind]} <UserLink user={user} />
        </Fragment>
      ))}
    </>
  );
}

function UserLink({ user: { kind, id, name } }: { user: User }) {
  switch (kind) {
    case "provider":
      return <Link href="/settings/providers">{name}</Link>;
    case "job":
      return <Link href={`/jobs/${id}`}>{name}</Link>;
    case "mcp-server":
      return <Link href={serverPath(id, "settings")}>{name}</Link>;
    case "instance":
      return (
        <Link href={`/?instance=${id}`} onClick={() => showLog(id)}>
          {name}
        </Link>
      );
  }
}
