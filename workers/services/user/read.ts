/** How a person is read from the database and shown. */
import { eq, sql } from "drizzle-orm";
import type { User } from "@roundhouse/protocol/api/person";
import type { Database } from "../../db/database.ts";
import { users } from "../../db/users.ts";
import { ServiceError } from "../error.ts";

export const PASSWORD_PROVIDER = "credential";

export const userColumns = {
  id: users.id,
  name: users.name,
  email: users.email,
  role: users.role,
  createdAt: users.createdAt,
  // Written out: drizzle drops table names from the fields of a select, and `id` would then be the account's.
  hasPassword: sql<number>`EXISTS (SELECT 1 FROM accounts WHERE accounts.user_id = users.id
    AND accounts.provider_id = ${PASSWORD_PROVIDER} AND accounts.password IS NOT NULL)`,
};
export type UserRow = Pick<typeof users.$inferSelect, "id" | "name" | "email" | "role" | "createdAt"> & {
  hasPassword: number;
};

export function toUser(row: UserRow): User {
  return { ...row, hasPassword: row.hasPassword === 1, createdAt: row.createdAt.toISOString() };
}

export async function findUser(db: Database, id: string): Promise<User | undefined> {
  const [row] = await db.select(userColumns).from(users).where(eq(users.id, id));
  return row && toUser(row);
}

/** Throws `not_found`. */
export async function readUser(db: Database, id: string): Promise<User> {
  const user = await findUser(db, id);
  if (user) return user;
  throw new ServiceError("not_found", `There is no user ${JSON.stringify(id)}.`, {
    hint: "GET /api/users lists them.",
  });
}
