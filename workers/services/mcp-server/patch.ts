/** Changes an MCP server. What changes how it runs ends it; the next request starts it anew. */
import { and, eq } from "drizzle-orm";
import type { McpServer, PatchMcpServer } from "@roundhouse/protocol/api/mcp-server";
import { mcpServers } from "../../db/mcp-servers.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { areKept, checkVariables, requireMayBind } from "../instance/variables.ts";
import { pokeNode } from "../node/poke.ts";
import { type McpServerRow, readMcpServer } from "./find.ts";
import { getMcpServer } from "./get.ts";
import { checkRun, refuseTakenName } from "./limits.ts";
import { refuseUsed } from "./users.ts";

/** Throws `not_found`, `name_taken`, `mcp_server_in_use` for a name that jobs go by, `forbidden` for a secret, `invalid_input`. */
export async function patchMcpServer(ctx: Context, idOrName: string, input: PatchMcpServer): Promise<McpServer> {
  const row = await readMcpServer(ctx.db, idOrName);
  const env = input.env ?? row.env;
  requireMayBind(ctx, env, row.env);
  refuseOtherKind(row, input);
  checkRun(input.run ?? row.run, env);
  if (input.name !== undefined && input.name !== row.name) await refuseUsed(ctx.db, row.name, "name");
  await checkVariables(ctx.db, row, env);
  const isMine = and(eq(mcpServers.id, row.id), areKept(row, env));
  const change = { ...input, updatedAt: ctx.now };
  const written = await refuseTakenName(input.name, async () =>
    ctx.db.update(mcpServers).set(change).where(isMine).returning({ id: mcpServers.id }),
  );
  if (written.length === 0) {
    await checkVariables(ctx.db, await readMcpServer(ctx.db, row.id), env);
    throw new ServiceError("conflict", "Somebody changed its node at the same moment.", { hint: "Try again." });
  }
  await pokeNode(ctx, row.nodeId);
  await publishChange(ctx, "mcp-server", row.id);
  return getMcpServer(ctx, row.id);
}

/** What a container left in the server's folder is nothing for a command to find there. */
function refuseOtherKind({ name, run }: McpServerRow, input: PatchMcpServer): void {
  if (input.run === undefined || input.run.kind === run.kind) return;
  const problem = `${JSON.stringify(name)} is of the kind ${run.kind} for good, not ${JSON.stringify(input.run.kind)}`;
  throw new ServiceError("invalid_input", `run.kind: ${problem}.`, {
    hint: "Add another server, and remove this one.",
    details: [{ path: ["run", "kind"], message: problem }],
  });
}
