/** Adds an MCP server to a node. It is started by the first request that needs it. */
import { sql, type SQL } from "drizzle-orm";
import type { McpServer, McpServerInput } from "@roundhouse/protocol/api/mcp-server";
import { newId } from "@roundhouse/protocol/ids";
import { mcpServers } from "../../db/mcp-servers.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { areKept, checkVariables, requireMayBind } from "../instance/variables.ts";
import { resolveNode } from "../node/find.ts";
import { pokeNode } from "../node/poke.ts";
import type { McpServerRow } from "./find.ts";
import { getMcpServer } from "./get.ts";
import { checkRun, fullNode, hasRoom, refuseFullNode, refuseTakenName } from "./limits.ts";

/** Throws `unknown_node`, `name_taken`, `node_full`, `forbidden` for a secret, and `invalid_input`. */
export async function createMcpServer(ctx: Context, input: McpServerInput): Promise<McpServer> {
  const { node: reference, ...rest } = input;
  requireMayBind(ctx, input.env);
  checkRun(input.run, input.env);
  const node = await resolveNode(ctx.db, reference);
  await refuseFullNode(ctx.db, node);
  const holder = { id: newId("mcpServer"), nodeId: node.id, env: [] };
  await checkVariables(ctx.db, holder, input.env);
  const row = { ...rest, ...{ id: holder.id, nodeId: node.id, toolsDigest: null, about: null } };
  const where = sql`${hasRoom(node.id)} AND ${areKept(holder, input.env)}`;
  const written = await refuseTakenName(input.name, async () =>
    ctx.db
      .insert(mcpServers)
      .select(valuesOf({ ...row, createdAt: ctx.now, updatedAt: ctx.now }, where))
      .returning({ id: mcpServers.id }),
  );
  if (written.length === 0) await explain(ctx, input, holder, node);
  await pokeNode(ctx, node.id);
  await publishChange(ctx, "mcp-server", holder.id);
  return getMcpServer(ctx, holder.id);
}

/** What somebody took between the checks and the write. Always throws. */
async function explain(
  { db }: Context,
  { env }: McpServerInput,
  holder: Parameters<typeof checkVariables>[1],
  node: Awaited<ReturnType<typeof resolveNode>>,
): Promise<never> {
  await refuseFullNode(db, node);
  await checkVariables(db, holder, env);
  // Room came back meanwhile: to the one who asks it is the same.
  throw new ServiceError("conflict", `Somebody changed ${JSON.stringify(node.name)} at the same moment.`, {
    hint: "Try again.",
    cause: fullNode(node.name),
  });
}

/** In the order of the table's columns, as drizzle wants it. */
function valuesOf(row: McpServerRow, where: SQL): SQL {
  const values = {
    id: sql`${row.id}`,
    name: sql`${row.name}`,
    nodeId: sql`${row.nodeId}`,
    preset: sql`${row.preset}`,
    run: sql`${sql.param(row.run, mcpServers.run)}`,
    env: sql`${sql.param(row.env, mcpServers.env)}`,
    idleMinutes: sql`${row.idleMinutes}`,
    toolsDigest: sql`NULL`,
    about: sql`NULL`,
    createdAt: sql`${sql.param(row.createdAt, mcpServers.createdAt)}`,
    updatedAt: sql`${sql.param(row.updatedAt, mcpServers.updatedAt)}`,
  } satisfies Record<keyof McpServerRow, SQL>;
  return sql`SELECT ${sql.join(Object.values(values), sql`, `)} WHERE ${where}`;
}
