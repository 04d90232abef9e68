/** What uses secrets: providers by their key, jobs by the names in what they are, instances and MCP servers by their variables. */
import { sql, type SQL } from "drizzle-orm";
import type { Secret } from "@roundhouse/protocol/api/secret";
import type { Database } from "../../db/database.ts";

type User = Secret["usedBy"][number];
type Use = User & { secret: string };

/** Every use of a secret, once a user, at whichever place it names it. An instance that is being deleted is none any more. */
const USES = sql`
  SELECT 'provider' AS kind, secret_name AS secret, id, name, created_at FROM providers WHERE secret_name IS NOT NULL
  UNION SELECT 'job', used.value, jobs.id, jobs.name, jobs.created_at
    FROM jobs, json_tree(jobs.spec) AS used
    WHERE used.type = 'text' AND (used.fullkey LIKE '$.secrets[%]' OR used.fullkey = '$.notify.secret'
      OR used.fullkey LIKE '$.triggers[%].secrets[%]')
  UNION SELECT 'instance', json_extract(variable.value, '$.secret'), instances.id, instances.name, instances.created_at
    FROM instances, json_each(instances.env) AS variable
    WHERE instances.deleted_at IS NULL AND json_extract(variable.value, '$.secret') IS NOT NULL
  UNION SELECT 'mcp-server', json_extract(variable.value, '$.secret'), mcp_servers.id, mcp_servers.name, mcp_servers.created_at
    FROM mcp_servers, json_each(mcp_servers.env) AS variable
    WHERE json_extract(variable.value, '$.secret') IS NOT NULL`;

export async function usersOfSecret(db: Database, name: string): Promise<User[]> {
  return (await usersBySecret(db)).get(name) ?? [];
}

/** By the secret's name. */
export async function usersBySecret(db: Database): Promise<Map<string, User[]>> {
  const uses = await db.all<Use>(sql`
    SELECT kind, secret, id, name FROM (${USES})
    ORDER BY CASE kind WHEN 'provider' THEN 1 WHEN 'job' THEN 2 WHEN 'instance' THEN 3 ELSE 4 END, created_at, id`);
  const users = new Map<string, User[]>();
  for (const { secret, ...user } of uses) users.set(secret, [...(users.get(secret) ?? []), user]);
  return users;
}

/** True in the very statement that removes a secret as long as nothing uses it. */
export function isUnused(name: string): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM (${USES}) WHERE secret = ${name})`;
}
