/** Keyset pages: the cursor is the sort key of the last row, so that rows made meanwhile neither repeat nor vanish. */
import { and, asc, desc, gt, lt, or, eq, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import * as z from "zod";
import { base64url, fromBase64url } from "@roundhouse/protocol/ids";
import { ServiceError } from "./error.ts";

export type PageInput = { limit: number; cursor?: string | undefined };
export type Page<T> = { items: T[]; cursor: string | null };

const TimeKey = z.tuple([z.int(), z.string()]);
type TimeColumns = { createdAt: SQLiteColumn; id: SQLiteColumn };

/** The condition for rows after the cursor, oldest first; undefined for the first page. */
export function afterCursor(table: TimeColumns, { cursor }: PageInput): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [time, id] = decodeCursor(cursor, TimeKey);
  const at = new Date(time);
  return or(gt(table.createdAt, at), and(eq(table.createdAt, at), gt(table.id, id)));
}

export function oldestFirst(table: TimeColumns): SQL[] {
  return [asc(table.createdAt), asc(table.id)];
}

/** The condition for rows after the cursor, newest first; undefined for the first page. */
export function beforeCursor(table: TimeColumns, { cursor }: PageInput): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [time, id] = decodeCursor(cursor, TimeKey);
  const at = new Date(time);
  return or(lt(table.createdAt, at), and(eq(table.createdAt, at), lt(table.id, id)));
}

export function newestFirst(table: TimeColumns): SQL[] {
  return [desc(table.createdAt), desc(table.id)];
}

/** Cuts the page out of `limit + 1` rows. */
export function toPage<Row extends { createdAt: Date; id: string }, T>(
  rows: Row[],
  { limit }: PageInput,
  toItem: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const cursor = rows.length > limit && last ? encodeCursor([last.createdAt.getTime(), last.id]) : null;
  return { items: shown.map(toItem), cursor };
}

export function encodeCursor(key: unknown): string {
  return base64url(new TextEncoder().encode(JSON.stringify(key)));
}

export function decodeCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseCursor(cursor));
  if (parsed.success) return parsed.data;
  throw new ServiceError(
    "invalid_input",
    `cursor: ${JSON.stringify(cursor.slice(0, 80))} is not a cursor of this list.`,
    {
      hint: "Send the cursor of the page before, unchanged.",
    },
  );
}

function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64url(cursor)));
  } catch (error) {
    // atob throws DOMException, JSON.parse SyntaxError: either way it is no cursor.
    if (error instanceof SyntaxError || error instanceof DOMException) return undefined;
    throw error;
  }
}
