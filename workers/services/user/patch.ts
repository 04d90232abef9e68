/** Changes a person's role. The last admin keeps theirs. */
import { eq, sql } from "drizzle-orm";
import type { PatchUser, User } from "@roundhouse/protocol/api/person";
import { shares } from "../../db/shares.ts";
import { users } from "../../db/users.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { revokeEverywhere } from "../revoke.ts";
import { lastAdmin, otherAdminLeft } from "./last-admin.ts";
import { readUser } from "./read.ts";

export async function patchUser(ctx: Context, id: string, { role }: PatchUser): Promise<User> {
  const before = await readUser(ctx.db, id);
  if (before.role === role) return before;
  const [changed] = await ctx.db
    .update(users)
    .set({ role, updatedAt: ctx.now })
    .where(sql`${users.id} = ${id} AND (${role} = 'admin' OR ${otherAdminLeft(id)})`)
    .returning({ id: users.id });
  if (!changed) throw lastAdmin(before);
  // Who may not share any more, shares no more.
  if (role === "viewer") await ctx.db.delete(shares).where(eq(shares.userId, id));
  // What is open was opened with the old role; it has to be opened again with the new one.
  await revokeEverywhere(ctx, { by: "user", userId: id });
  await publishChange(ctx, "user", id);
  return readUser(ctx.db, id);
}
