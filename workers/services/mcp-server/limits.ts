/** What a node can be told of MCP servers at once: how many, and how long. */
import { count, eq, sql, type SQL } from "drizzle-orm";
import type { PatchMcpServer } from "@roundhouse/protocol/api/mcp-server";
import { MAX_MCP_RUN_BYTES, MAX_MCP_SERVERS_PER_NODE } from "@roundhouse/protocol/mcp";
import type { Database } from "../../db/database.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import type { NodeRow } from "../node/show.ts";

/** Throws `node_full`. */
export async function refuseFullNode(db: Database, { id, name }: NodeRow): Promise<void> {
  const [held] = await db.select({ count: count() }).from(mcpServers).where(eq(mcpServers.nodeId, id));
  if (held && held.count >= MAX_MCP_SERVERS_PER_NODE) throw fullNode(name);
}

/** True in the very statement that adds one as long as there is room. */
export function hasRoom(nodeId: string): SQL {
  return sql`(SELECT count(*) FROM ${mcpServers} WHERE node_id = ${nodeId}) < ${MAX_MCP_SERVERS_PER_NODE}`;
}

export function fullNode(name: string): ServiceError {
  const message = `node: ${JSON.stringify(name)} has ${MAX_MCP_SERVERS_PER_NODE} MCP servers already, which is all it may have.`;
  return new ServiceError("node_full", message, { hint: "Remove one of them, or take another node." });
}

/** Throws `invalid_input`, also for headers whose variables are not there. */
export function checkRun(run: NonNullable<PatchMcpServer["run"]>, env: readonly { name: string }[]): void {
  const bytes = new TextEncoder().encode(JSON.stringify(run)).length;
  if (bytes > MAX_MCP_RUN_BYTES) {
    const problem = `it takes ${bytes} bytes as JSON, and ${MAX_MCP_RUN_BYTES} at most`;
    throw invalid(["run"], problem, "Put long arguments into a file on the node, and name its path.");
  }
  if (run.kind !== "http") return;
  for (const [header, variable] of Object.entries(run.headers)) {
    if (env.some(({ name }) => name === variable)) continue;
    const problem = `there is no variable ${JSON.stringify(variable)} in env`;
    throw invalid(["run", "headers", header], problem, "Name a variable there that holds the header's value.");
  }
}

/** Throws `name_taken` where the write finds the name with another server. */
export async function refuseTakenName<T>(name: string | undefined, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error, "mcp_servers.name") && !isUniqueViolation(error, "mcp_servers_name")) throw error;
    throw new ServiceError("name_taken", `name: another MCP server is called ${JSON.stringify(name)} already.`, {
      hint: "Choose another one: its tools are called by it.",
      cause: error,
    });
  }
}

function invalid(path: string[], problem: string, hint: string): ServiceError {
  return new ServiceError("invalid_input", `${path.join(".")}: ${problem}.`, {
    hint,
    details: [{ path, message: problem }],
  });
}
