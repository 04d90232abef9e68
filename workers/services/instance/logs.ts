/** A piece of an instance's log, read from its node. */
import { Logs, type LogsQuery } from "@roundhouse/protocol/api/instance";
import type * as z from "zod";
import type { Context } from "../context.ts";
import { askAgent } from "../node/ask-agent.ts";
import { readInstance } from "./read.ts";

/** An older agent does not tell `next`. */
const AgentLogs = Logs.partial({ next: true });

/** An instance that was never launched has an empty log. */
export async function readLogs(ctx: Context, id: string, { offset }: z.infer<typeof LogsQuery>): Promise<Logs> {
  const { nodeId } = await readInstance(ctx.db, id);
  const path = `/agent/instances/${encodeURIComponent(id)}/logs?offset=${offset}`;
  const found = await askAgent(ctx, nodeId, path, AgentLogs);
  if (!found) return { content: "", offset: 0, size: 0, next: 0 };
  return { ...found, next: found.next ?? found.offset + new TextEncoder().encode(found.content).length };
}
