/** Lists jobs, the earliest first. */
import type { Job } from "@roundhouse/protocol/api/job";
import { jobs } from "../../db/jobs.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { selectShown, toJob } from "./show.ts";

export async function listJobs({ db }: Context, page: PageInput): Promise<Page<Job>> {
  const query = selectShown(db).where(afterCursor(jobs, page));
  return toPage(await query.orderBy(...oldestFirst(jobs)).limit(page.limit + 1), page, toJob);
}
