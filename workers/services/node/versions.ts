/** What one may choose for an environment on a node, which only the node knows. */
import { NodeVersions } from "@roundhouse/protocol/api/versions";
import type { Context } from "../context.ts";
import { askAgent, tooOld } from "./ask-agent.ts";
import { readNode } from "./find.ts";

/** Throws `node_offline`, and `conflict` where its agent does not know. */
export async function readNodeVersions(ctx: Context, id: string): Promise<NodeVersions> {
  await readNode(ctx.db, id);
  const versions = await askAgent(ctx, id, "/agent/versions", NodeVersions);
  if (!versions) throw tooOld("which versions it has");
  return versions;
}
