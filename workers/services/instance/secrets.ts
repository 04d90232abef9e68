/** The secrets of one instance or MCP server, opened for a launch of it. What comes of it goes to its node, and nowhere else (SPEC EV2, MC3). */
import { and, eq, isNull } from "drizzle-orm";
import { MAX_LINK_MESSAGE_BYTES } from "@roundhouse/protocol/limits";
import type { ControlSecrets } from "@roundhouse/protocol/messages";
import { type EnvironmentVariable, secretsOf } from "@roundhouse/protocol/variables";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { ServiceError } from "../error.ts";
import type { MasterKeys } from "../secret/key.ts";
import { revealSecrets } from "../secret/reveal.ts";

/** Undefined for what is neither an instance nor an MCP server of that node. */
export async function openSecrets(
  keys: MasterKeys,
  db: Database,
  nodeId: string,
  instance: string,
): Promise<ControlSecrets | undefined> {
  const env = await readEnv(db, nodeId, instance);
  if (!env) return undefined;
  const answer = { type: "control.secrets", instance } as const;
  try {
    const values = await revealSecrets(keys, db, secretsOf(env));
    return refuseTooLong({ ...answer, values, refused: null }, env);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { message, hint } = error;
    return { ...answer, values: {}, refused: { message, hint } };
  }
}

async function readEnv(db: Database, nodeId: string, id: string): Promise<EnvironmentVariable[] | undefined> {
  const isOfNode = and(eq(instances.id, id), eq(instances.nodeId, nodeId), isNull(instances.deletedAt));
  const isServerOfNode = and(eq(mcpServers.id, id), eq(mcpServers.nodeId, nodeId));
  const [[instance], [server]] = await db.batch([
    db.select({ env: instances.env }).from(instances).where(isOfNode),
    db.select({ env: mcpServers.env }).from(mcpServers).where(isServerOfNode),
  ]);
  return instance?.env ?? server?.env;
}

/** A longer message would end the link (SPEC FR1), and with a larger environment no program starts. */
function refuseTooLong(answer: ControlSecrets, env: readonly EnvironmentVariable[]): ControlSecrets {
  const given = env.map(({ secret }) => (secret === undefined ? "" : (answer.values[secret] ?? "")));
  const longest = Math.max(bytesOf(JSON.stringify(answer)), bytesOf(given.join("")));
  if (longest <= MAX_LINK_MESSAGE_BYTES) return answer;
  const message = "The secrets of its variables are more than 1 MiB together.";
  return { ...answer, values: {}, refused: { message, hint: "Bind fewer of them, or shorter ones." } };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
