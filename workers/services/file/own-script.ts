/** Whose launch script it is that somebody writes: a satellite has none, and one in its folder would never run. */
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import type { FileRoot } from "@roundhouse/protocol/files";
import type { Database } from "../../db/database.ts";
import { ServiceError } from "../error.ts";
import { readInstance } from "../instance/read.ts";

const OWN_SOURCES = Object.values(OWN_SOURCE);

/** Throws `is_satellite` for the script in a satellite's own folder; any other file of it is its own. */
export async function refuseSatelliteScript(
  db: Database,
  { id, path }: { id: string; path: string },
  root: FileRoot,
): Promise<void> {
  if (root !== "instance" || !OWN_SOURCES.includes(path)) return;
  const { name, parentId } = await readInstance(db, id);
  if (parentId === null) return;
  const parent = await readInstance(db, parentId);
  const whose = `${JSON.stringify(name)} is a satellite, and runs the script of ${JSON.stringify(parent.name)}.`;
  throw new ServiceError("is_satellite", whose, {
    hint: "Edit that one; it counts for the whole family.",
    details: { parent: parent.id },
  });
}
