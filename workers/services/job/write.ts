/** Writes a job with the names of its webhooks, in one transaction. */
import { eq } from "drizzle-orm";
import { jobs } from "../../db/jobs.ts";
import { webhooks } from "../../db/webhooks.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import type { JobRow } from "./show.ts";

/** Makes it, or replaces it whole. False when it was to be replaced and is gone. Throws `name_taken`. */
export async function writeJob({ db }: Context, row: JobRow, mode: "create" | "replace"): Promise<boolean> {
  const { id, createdAt: _, ...parts } = row;
  const names = row.spec.triggers.flatMap((trigger) => (trigger.kind === "webhook" ? [trigger.name] : []));
  const write =
    mode === "create"
      ? db.insert(jobs).values(row).returning({ id: jobs.id })
      : db.update(jobs).set(parts).where(eq(jobs.id, id)).returning({ id: jobs.id });
  const forget = db.delete(webhooks).where(eq(webhooks.jobId, id));
  const add = names.map((name) => db.insert(webhooks).values({ name, jobId: id }));
  try {
    const [written] = await db.batch([write, forget, ...add]);
    return written.length > 0;
  } catch (error) {
    throw explain(error, row.name, names);
  }
}

function explain(error: unknown, name: string, names: readonly string[]): unknown {
  if (isUniqueViolation(error, "jobs_name")) {
    return new ServiceError("name_taken", `name: a job is called ${JSON.stringify(name)} already.`, {
      hint: "Names are compared without regard to case. Choose another one.",
      cause: error,
    });
  }
  if (isUniqueViolation(error, "webhooks.name")) {
    const quoted = names.map((candidate) => JSON.stringify(candidate)).join(" or ");
    return new ServiceError("name_taken", `triggers: another job has a webhook named ${quoted}.`, {
      hint: "GET /api/webhooks shows the names that are taken.",
      cause: error,
    });
  }
  return error;
}
