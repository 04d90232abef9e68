/** Which jobs use tools of an MCP server. */
import { sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { ServiceError } from "../error.ts";
import { type NamingJob, wordJobs } from "../provider/users.ts";

/** Throws `mcp_server_in_use` with the names of the jobs. `field` is what would be lost by the change. */
export async function refuseUsed(db: Database, name: string, field: "name" | null): Promise<void> {
  const jobs = await jobsUsing(db, name);
  if (jobs.length === 0) return;
  const what =
    field === null ? `${JSON.stringify(name)} cannot be removed` : `${field}: ${JSON.stringify(name)} has to stay`;
  throw new ServiceError("mcp_server_in_use", `${what}: ${wordJobs(jobs)}.`, {
    hint: "Let them do without its tools first.",
    details: { jobs },
  });
}

function jobsUsing(db: Database, name: string): Promise<NamingJob[]> {
  const own = `${name}/`;
  return db.all<NamingJob>(sql`
    SELECT id, name FROM jobs
    WHERE EXISTS (SELECT 1 FROM json_each(spec, '$.tools') AS tool WHERE substr(tool.value, 1, ${own.length}) = ${own})
    ORDER BY created_at, id`);
}
