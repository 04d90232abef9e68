/** Removes an MCP server that no job uses: its node ends it, and removes its folder. */
import { eq } from "drizzle-orm";
import { mcpServers } from "../../db/mcp-servers.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { pokeNode } from "../node/poke.ts";
import { readMcpServer } from "./find.ts";
import { refuseUsed } from "./users.ts";

/** Throws `not_found`, and `mcp_server_in_use` with the names of the jobs. */
export async function removeMcpServer(ctx: Context, idOrName: string): Promise<void> {
  const { id, name, nodeId } = await readMcpServer(ctx.db, idOrName);
  await refuseUsed(ctx.db, name, null);
  await ctx.db.delete(mcpServers).where(eq(mcpServers.id, id));
  await pokeNode(ctx, nodeId);
  await publishChange(ctx, "mcp-server", id);
}
