/** Environment variables of instances and MCP servers: who may bind secrets to them, that these are there, and that a node can be told all. */
import { type SQL, sql } from "drizzle-orm";
import { MAX_VARIABLES_BYTES_PER_NODE } from "@roundhouse/protocol/limits";
import type { DeclaredPort } from "@roundhouse/protocol/ports";
import { bytesOfVariables, type EnvironmentVariable, secretsOf } from "@roundhouse/protocol/variables";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { secrets } from "../../db/secrets.ts";
import { hasRole } from "../actor.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";

type Variables = readonly EnvironmentVariable[];
/** Whose variables they are to be, and which it has `before`; a new one has none. */
export type Holder = { id: string; nodeId: string; env: Variables };

/**
 * An app can tell its secrets to whoever operates it, so it is for an admin to bind one. Those that were bound `before`
 * may stay, also under other names. Throws `forbidden`.
 */
export function requireMayBind({ actor }: Context, env: Variables, before: Variables = []): void {
  if (hasRole(actor, "admin")) return;
  const known = new Set(secretsOf(before));
  const index = env.findIndex(({ secret }) => secret !== undefined && !known.has(secret));
  const added = env[index]?.secret;
  if (added === undefined) return;
  const message = `env.${index}.secret: ${JSON.stringify(added)} can be bound by an admin only.`;
  throw new ServiceError("forbidden", message, {
    hint: "Who operates an app can read what it is given. Ask an admin to bind it.",
    details: [{ path: ["env", String(index), "secret"], message: "only an admin can bind a secret" }],
  });
}

/** Throws `invalid_input` for a secret that is not there, and where the node's variables would be too much to tell it. */
export async function checkVariables(db: Database, holder: Holder, env: Variables): Promise<void> {
  const index = await findMissing(db, env);
  if (index !== undefined) throw unknownSecret(index, env[index]?.secret ?? "");
  const bytes = bytesOfVariables(env);
  if (bytes <= bytesOfVariables(holder.env)) return;
  const [sum] = await db.all<{ bytes: number }>(sql`SELECT ${bytesOfOthers(holder)} AS bytes`);
  const room = Math.max(0, MAX_VARIABLES_BYTES_PER_NODE - (sum?.bytes ?? 0));
  if (bytes <= room) return;
  const problem = `${bytes} bytes are more than the ${room} that its node has left for variables`;
  throw invalid(
    ["env"],
    problem,
    `All instances and MCP servers of a node have ${MAX_VARIABLES_BYTES_PER_NODE} bytes together, also those that are still being deleted. Put long values into a file.`,
  );
}

/**
 * True in the very statement that writes these variables as long as {@link checkVariables} holds: secrets go, and other
 * instances come, at the same moment. What takes no more than before is taken, also where the node has too much.
 */
export function areKept(holder: Holder, env: Variables): SQL {
  const secretsAreThere = sql`NOT EXISTS (SELECT 1 FROM json_each(${JSON.stringify(secretsOf(env))}) AS named
    WHERE named.value NOT IN (SELECT name FROM ${secrets}))`;
  const bytes = bytesOfVariables(env);
  if (bytes <= bytesOfVariables(holder.env)) return secretsAreThere;
  return sql`(${secretsAreThere} AND ${bytesOfOthers(holder)} + ${bytes} <= ${MAX_VARIABLES_BYTES_PER_NODE})`;
}

/** Of the node's other instances and MCP servers. Tombstones count: their node is told of them, too. */
function bytesOfOthers({ id, nodeId }: Holder): SQL {
  return sql`(SELECT coalesce(sum(length(CAST(other.env AS BLOB))), 0) FROM (
    SELECT id, node_id, env FROM ${instances} UNION ALL SELECT id, node_id, env FROM ${mcpServers}) AS other
    WHERE other.node_id = ${nodeId} AND other.id <> ${id})`;
}

/** Throws `invalid_input` for a variable that is to tell the number of a declared port. */
export function refusePortVariables(env: Variables, ports: readonly DeclaredPort[]): void {
  const index = env.findIndex(({ name }) => ports.some((port) => port.env === name));
  const port = ports.find((one) => one.env === env[index]?.name);
  if (index < 0 || !port) return;
  const problem = `${JSON.stringify(port.env)} tells the number of the port ${JSON.stringify(port.name)}`;
  throw invalid(["env", String(index), "name"], problem, "Choose another name, or another variable for the port.");
}

/** Which variable is the first that names a secret that is not there. */
async function findMissing(db: Database, env: Variables): Promise<number | undefined> {
  if (secretsOf(env).length === 0) return undefined;
  const rows = await db.select({ name: secrets.name }).from(secrets);
  const known = new Set(rows.map(({ name }) => name));
  const index = env.findIndex(({ secret }) => secret !== undefined && !known.has(secret));
  return index < 0 ? undefined : index;
}

function unknownSecret(index: number, name: string): ServiceError {
  const hint = "GET /api/secrets lists their names; an admin makes new ones with POST /api/secrets.";
  return invalid(["env", String(index), "secret"], `there is no secret ${JSON.stringify(name)}`, hint);
}

function invalid(path: string[], problem: string, hint: string): ServiceError {
  const details = [{ path, message: problem }];
  return new ServiceError("invalid_input", `${path.join(".")}: ${problem}.`, { hint, details });
}
