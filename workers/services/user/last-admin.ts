/** The rule that a pool always keeps an admin, as a condition inside the statement that would break it. */
import { sql, type SQL } from "drizzle-orm";
import type { User } from "@roundhouse/protocol/api/person";
import { users } from "../../db/users.ts";
import { ServiceError } from "../error.ts";

/** True when this user is no admin, or another admin exists. */
export function otherAdminLeft(id: string): SQL {
  return sql`(${users.role} <> 'admin' OR EXISTS (SELECT 1 FROM users AS other WHERE other.role = 'admin' AND other.id <> ${id}))`;
}

export function lastAdmin(user: User): ServiceError {
  return new ServiceError("conflict", `${user.name} is the last admin.`, {
    hint: "Make somebody else an admin first.",
  });
}
