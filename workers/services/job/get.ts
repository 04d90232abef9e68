/** Reads one job, with what is right in it but does nothing as things are. */
import { eq } from "drizzle-orm";
import type { Job } from "@roundhouse/protocol/api/job";
import { jobs } from "../../db/jobs.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readJob } from "./find.ts";
import { warningsOfMcpTools } from "./mcp-tools.ts";
import { readNodeNames, warningsOf } from "./nodes.ts";
import { selectShown, toJob } from "./show.ts";

export async function getJob(ctx: Context, reference: string): Promise<Job> {
  return showJob(ctx, (await readJob(ctx.db, reference)).id);
}

/** Throws `not_found` for one that was deleted meanwhile. */
export async function showJob({ db }: Context, id: string): Promise<Job> {
  const [row] = await selectShown(db).where(eq(jobs.id, id));
  if (!row) throw new ServiceError("not_found", `There is no job ${JSON.stringify(id)} any more.`);
  const pool = await readNodeNames(db);
  const warnings = [...warningsOf(row.spec.nodes, pool), ...(await warningsOfMcpTools(db, row.spec, pool))];
  return { ...toJob(row), warnings };
}
