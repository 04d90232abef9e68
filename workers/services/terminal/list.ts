/** The terminals that an instance has on its node. */
import { page } from "@roundhouse/protocol/api/common";
import { Terminal } from "@roundhouse/protocol/terminal";
import type * as z from "zod";
import type { Context } from "../context.ts";
import { readInstance } from "../instance/read.ts";
import { askAgent, tooOld } from "../node/ask-agent.ts";

export const TerminalList = page(Terminal);

/** Throws `not_found`, `node_offline`, and `conflict` for an agent that is too old. */
export async function listTerminals(ctx: Context, instanceId: string): Promise<z.infer<typeof TerminalList>> {
  const { id, nodeId } = await readInstance(ctx.db, instanceId);
  const found = await askAgent(ctx, nodeId, `/agent/instances/${id}/terminals`, TerminalList);
  if (found === undefined) throw tooOld("terminals");
  return found;
}
