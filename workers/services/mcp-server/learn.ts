/** Takes over what a node saw of an MCP server's tools. It approves nothing: a definition that is not the approved one stays unused. */
import { and, eq, isNull, sql, type SQL } from "drizzle-orm";
import { McpListing } from "@roundhouse/protocol/mcp";
import { hashOfDefinition } from "@roundhouse/protocol/mcp-definition";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { askServer, notThereYet } from "./ask.ts";
import type { McpServerRow } from "./find.ts";

/** Definitions in one statement: a value of the database is at most 2 MB. */
const CHUNK_BYTES = 512 * 1024;
const MAX_ROUNDS = 3;

/** Has the node list the tools now, and starts the server for it. Throws as {@link askServer}. */
export async function learnTools(ctx: Context, server: McpServerRow, signal?: AbortSignal): Promise<void> {
  const listing = await askServer(ctx, server, { path: "/tools", answer: McpListing, signal });
  if (!listing) throw notThereYet(server);
  await writeNewest(ctx, server, listing);
}

/** The same of what the node saw last, without starting anything. */
export async function learnSeenTools(ctx: Context, server: McpServerRow): Promise<void> {
  const listing = await askSeen(ctx, server);
  if (listing) await writeNewest(ctx, server, listing);
}

function askSeen(ctx: Context, server: McpServerRow): Promise<McpListing | undefined> {
  return askServer(ctx, server, { path: "/tools?seen=1", answer: McpListing });
}

/**
 * Somebody else may write another list at the same moment: whoever wrote looks again, so that what was seen last is what is
 * written last. One that changes faster than that is told again by its node.
 */
async function writeNewest(ctx: Context, server: McpServerRow, listing: McpListing): Promise<void> {
  let newest = listing;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await writeListing(ctx, server, newest);
    const now = await askSeen(ctx, server);
    if (!now || now.digest === newest.digest) break;
    newest = now;
  }
  await publishChange(ctx, "mcp-server", server.id);
}

/** One transaction: nobody sees half of a list. */
async function writeListing(ctx: Context, { id }: McpServerRow, listing: McpListing): Promise<void> {
  const { tools, digest, ...about } = listing;
  const seen = await Promise.all(
    tools.map(async (definition) => ({ name: definition.name, definition, hash: await hashOfDefinition(definition) })),
  );
  const forget = ctx.db.update(mcpTools).set({ seen: null, seenHash: null }).where(eq(mcpTools.serverId, id));
  const upserts = chunksOf(seen).map((chunk) =>
    ctx.db
      .insert(mcpTools)
      .select(rowsOf(ctx, id, chunk))
      .onConflictDoUpdate({
        target: [mcpTools.serverId, mcpTools.name],
        set: { seen: sql`excluded.seen`, seenHash: sql`excluded.seen_hash`, seenAt: sql`excluded.seen_at` },
      }),
  );
  const isNothing = and(isNull(mcpTools.seen), isNull(mcpTools.approved), eq(mcpTools.blocked, false));
  const tidy = ctx.db.delete(mcpTools).where(and(eq(mcpTools.serverId, id), isNothing));
  const note = ctx.db
    .update(mcpServers)
    .set({ toolsDigest: digest, ...(about.serverName === null ? {} : { about }) })
    .where(eq(mcpServers.id, id));
  await ctx.db.batch([forget, ...upserts, tidy, note]);
}

/** In the order of the table's columns, as drizzle wants it. Of a server that was removed meanwhile there are none. */
function rowsOf({ now }: Context, serverId: string, chunk: string): SQL {
  const values = {
    serverId: sql`${serverId}`,
    name: sql`json_extract(tool.value, '$.name')`,
    seen: sql`json_extract(tool.value, '$.definition')`,
    seenHash: sql`json_extract(tool.value, '$.hash')`,
    approved: sql`NULL`,
    approvedHash: sql`NULL`,
    approvedBy: sql`NULL`,
    approvedAt: sql`NULL`,
    blocked: sql`0`,
    seenAt: sql`${sql.param(now, mcpTools.seenAt)}`,
  } satisfies Record<keyof typeof mcpTools.$inferSelect, SQL>;
  return sql`SELECT ${sql.join(Object.values(values), sql`, `)} FROM json_each(${chunk}) AS tool
    WHERE EXISTS (SELECT 1 FROM ${mcpServers} WHERE id = ${serverId})`;
}

/** As JSON arrays, in order. */
function chunksOf(items: readonly unknown[]): string[] {
  const chunks: string[] = [];
  let chunk: string[] = [];
  let length = 0;
  for (const text of items.map((item) => JSON.stringify(item))) {
    if (length + text.length > CHUNK_BYTES && chunk.length > 0) {
      chunks.push(`[${chunk.join(",")}]`);
      chunk = [];
      length = 0;
    }
    chunk.push(text);
    length += text.length;
  }
  return chunk.length > 0 ? [...chunks, `[${chunk.join(",")}]`] : chunks;
}
