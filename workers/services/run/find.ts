/** Finds a run by its id. */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { runs } from "../../db/runs.ts";
import { ServiceError } from "../error.ts";
import type { RunRow } from "./show.ts";

/** Throws `not_found`. */
export async function readRun(db: Database, id: string): Promise<RunRow> {
  const [row] = await db.select().from(runs).where(eq(runs.id, id));
  if (row) return row;
  throw new ServiceError("not_found", `There is no run ${JSON.stringify(id)}.`, { hint: "GET /api/runs lists them." });
}
