/** Lists people, the earliest first. */
import type { User } from "@roundhouse/protocol/api/person";
import { users } from "../../db/users.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { toUser, userColumns } from "./read.ts";

export async function listUsers(ctx: Context, page: PageInput): Promise<Page<User>> {
  const query = ctx.db.select(userColumns).from(users).where(afterCursor(users, page));
  const rows = await query.orderBy(...oldestFirst(users)).limit(page.limit + 1);
  return toPage(rows, page, toUser);
}
