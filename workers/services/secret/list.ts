/** Lists secrets by name: what is known of them, never their values. */
import { asc, getTableColumns, gt } from "drizzle-orm";
import * as z from "zod";
import type { Secret } from "@roundhouse/protocol/api/secret";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { decodeCursor, encodeCursor, type Page, type PageInput } from "../page.ts";
import { toSecret } from "./show.ts";
import { usersBySecret } from "./users.ts";

export async function listSecrets({ db }: Context, { limit, cursor }: PageInput): Promise<Page<Secret>> {
  const after = cursor === undefined ? "" : decodeCursor(cursor, z.string());
  const { sealed: _sealed, ...shown } = getTableColumns(secrets);
  const rows = await db
    .select(shown)
    .from(secrets)
    .where(gt(secrets.name, after))
    .orderBy(asc(secrets.name))
    .limit(limit + 1);
  const users = await usersBySecret(db);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => toSecret(row, users.get(row.name) ?? [])),
    cursor: rows.length > limit && last ? encodeCursor(last.name) : null,
  };
}
