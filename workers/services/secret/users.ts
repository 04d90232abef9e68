/** What uses secrets: providers by their key, jobs by the names in what they are. */
import { isNotNull, sql } from "drizzle-orm";
import type { Secret } from "@roundhouse/protocol/api/secret";
import type { Database } from "../../db/database.ts";
import { providers } from "../../db/providers.ts";

type User = Secret["usedBy"][number];
type Use = { secret: string; id: string; name: string };

export async function usersOfSecret(db: Database, name: string): Promise<User[]> {
  return (await usersBySecret(db)).get(name) ?? [];
}

/** By the secret's name. */
export async function usersBySecret(db: Database): Promise<Map<string, User[]>> {
  const users = new Map<string, User[]>();
  const add = (kind: User["kind"], { secret, id, name }: Use) => {
    users.set(secret, [...(users.get(secret) ?? []), { kind, id, name }]);
  };
  for (const use of await usesOfProviders(db)) add("provider", use);
  for (const use of await usesOfJobs(db)) add("job", use);
  return users;
}

async function usesOfProviders(db: Database): Promise<Use[]> {
  const { secretName, id, name } = providers;
  const rows = await db.select({ secret: secretName, id, name }).from(providers).where(isNotNull(secretName));
  return rows.map((row) => ({ ...row, secret: row.secret ?? "" }));
}

/** Each secret once a job, at whichever of the three places it names it. */
function usesOfJobs(db: Database): Promise<Use[]> {
  return db.all<Use>(sql`
    SELECT DISTINCT used.value AS secret, jobs.id AS id, jobs.name AS name
    FROM jobs, json_tree(jobs.spec) AS used
    WHERE used.type = 'text' AND (used.fullkey LIKE '$.secrets[%]' OR used.fullkey = '$.notify.secret'
      OR used.fullkey LIKE '$.triggers[%].secrets[%]')
    ORDER BY jobs.created_at, jobs.id`);
}
