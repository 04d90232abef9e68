/** Where an instance's outputs go, below those of its node. The agent has the same rule for what is not said. */
import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { freeName } from "../free-name.ts";

type Named = { name: string; folder: string; outputPath: string | null };

/** What a person said, else by its name. */
export function outputsOf({ name, folder, outputPath }: Named): string {
  return outputPath ?? (name.includes("/") ? folder : name);
}

/**
 * What to say for a new instance: nothing, unless another one of its node writes there already, as one does that had this name.
 */
export async function pickOutputPath(db: Database, nodeId: string, added: Named): Promise<string | null> {
  if (added.outputPath !== null) return added.outputPath;
  const { name, folder, outputPath } = instances;
  const others = await db
    .select({ name, folder, outputPath })
    .from(instances)
    .where(and(eq(instances.nodeId, nodeId), isNull(instances.deletedAt)));
  const taken = others.map((other) => ({ name: outputsOf(other) }));
  const usual = outputsOf(added);
  return freeName(usual, taken) === usual ? null : freeName(added.folder, taken);
}
