/** Finds a node by id, or by name where a person may have typed it. */
import { eq, or, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { nodes } from "../../db/nodes.ts";
import { ServiceError } from "../error.ts";
import type { NodeRow } from "./show.ts";

/** undefined for one that is not there, or not any more. */
export async function findNode(db: Database, id: string): Promise<NodeRow | undefined> {
  const [row] = await db.select().from(nodes).where(eq(nodes.id, id));
  return row;
}

/** Throws `not_found`. */
export async function readNode(db: Database, id: string): Promise<NodeRow> {
  const row = await findNode(db, id);
  if (row) return row;
  throw new ServiceError("not_found", `There is no node ${JSON.stringify(id)}.`, {
    hint: "GET /api/nodes lists them.",
  });
}

/** For references inside an input: an id, or a name in any case. Throws `unknown_node`. */
export async function resolveNode(db: Database, reference: string): Promise<NodeRow> {
  const byName = eq(sql`lower(${nodes.name})`, sql`lower(${reference})`);
  const rows = await db
    .select()
    .from(nodes)
    .where(or(eq(nodes.id, reference), byName));
  const row = rows.find((candidate) => candidate.id === reference) ?? rows[0];
  if (row) return row;
  throw new ServiceError("unknown_node", `node: there is no node ${JSON.stringify(reference)}.`, {
    hint: "Give the id or the name of a node from GET /api/nodes.",
  });
}
