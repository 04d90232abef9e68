/** A piece of an MCP server's log, read from its node: what it writes to its standard error. */
import { Logs, type LogsQuery } from "@roundhouse/protocol/api/instance";
import type * as z from "zod";
import type { Context } from "../context.ts";
import { askServer } from "./ask.ts";
import { readMcpServer } from "./find.ts";

/** A server that was never started has an empty log. */
export async function readMcpLogs(ctx: Context, idOrName: string, query: z.infer<typeof LogsQuery>): Promise<Logs> {
  const server = await readMcpServer(ctx.db, idOrName);
  const found = await askServer(ctx, server, { path: `/logs?offset=${query.offset}`, answer: Logs });
  return found ?? { content: "", offset: 0, size: 0, next: 0 };
}
