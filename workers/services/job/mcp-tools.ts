/** Tools of MCP servers that a job names: that their servers are in the pool and on its nodes, and what is not approved of them. */
import { splitTool } from "@roundhouse/protocol/mcp";
import { nearestWord } from "@roundhouse/protocol/nearest-word";
import { asc, eq, inArray } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import type { JobSpec } from "../../db/jobs.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";
import { ServiceError } from "../error.ts";
import { mcpToolsFor } from "../mcp-server/for-run.ts";
import { isMeant, type NodeNames } from "./nodes.ts";

type Named = { name: string; server: string; tool: string };

/** Throws `unknown_mcp_server`, and `invalid_input` for a tool that a server was seen without. */
export async function requireMcpTools(db: Database, { tools, nodes }: JobSpec, pool: NodeNames): Promise<void> {
  const named = namedIn(tools);
  if (named.length === 0) return;
  const servers = await db.select().from(mcpServers).orderBy(asc(mcpServers.name));
  for (const { name, server, tool } of named) {
    const row = servers.find((candidate) => candidate.name === server);
    if (!row) throw unknownServer(name, server, servers);
    const node = pool.find(({ id }) => id === row.nodeId);
    if (!node || !nodes.some((reference) => isMeant(node, reference))) throw elsewhere(name, node?.name ?? row.nodeId);
    if (tool !== "*" && row.toolsDigest !== null) await requireTool(db, row, { name, tool });
  }
}

/** What is right but does nothing as things are. */
export async function warningsOfMcpTools(db: Database, { tools, nodes }: JobSpec, pool: NodeNames): Promise<string[]> {
  const meant = pool.filter((node) => nodes.some((reference) => isMeant(node, reference)));
  const { missing } = await mcpToolsFor(db, { names: tools, nodeIds: meant.map(({ id }) => id) });
  return missing.map((name) => `tools: nothing of ${JSON.stringify(name)} is approved, or there any more.`);
}

/** The secrets that servers of these tools are given. */
export async function secretsOfMcpTools(db: Database, { tools }: JobSpec): Promise<string[]> {
  const names = [...new Set(namedIn(tools).map(({ server }) => server))];
  if (names.length === 0) return [];
  const rows = await db.select({ env: mcpServers.env }).from(mcpServers).where(inArray(mcpServers.name, names));
  return rows.flatMap(({ env }) => env.flatMap(({ secret }) => secret ?? []));
}

function namedIn(tools: readonly string[]): Named[] {
  return tools.flatMap((name) => {
    const parts = splitTool(name);
    return parts ? [{ name, ...parts }] : [];
  });
}

async function requireTool(
  db: Database,
  { id, name: server }: { id: string; name: string },
  { name, tool }: { name: string; tool: string },
): Promise<void> {
  const rows = await db.select({ name: mcpTools.name }).from(mcpTools).where(eq(mcpTools.serverId, id));
  const names = rows.map((row) => row.name);
  if (names.includes(tool)) return;
  const meant = nearestWord(tool, names);
  const message = `tools: the MCP server ${JSON.stringify(server)} has no tool ${JSON.stringify(name)}.`;
  throw new ServiceError("invalid_input", message, {
    hint: meant === undefined ? `Its tools are ${names.join(", ") || "none"}.` : `Did you mean ${server}/${meant}?`,
  });
}

function unknownServer(name: string, server: string, servers: readonly { name: string }[]): ServiceError {
  const names = servers.map((row) => row.name);
  const meant = nearestWord(server, names);
  const others = names.length === 0 ? "There is none." : `There are ${names.join(", ")}.`;
  return new ServiceError("unknown_mcp_server", `tools: there is no MCP server for ${JSON.stringify(name)}.`, {
    hint: meant === undefined ? others : `Did you mean ${meant}?`,
  });
}

function elsewhere(name: string, node: string): ServiceError {
  const message = `tools: the MCP server of ${JSON.stringify(name)} is on node ${JSON.stringify(node)}, which is none of the job's.`;
  return new ServiceError("unknown_mcp_server", message, { hint: "Add that node to the job, or leave the tool out." });
}
