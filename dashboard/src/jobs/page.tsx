/** The jobs: what runs when, what came of it, and whether it is on. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Job } from "@roundhouse/protocol/api/job";
import { jobsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { plural } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { TableHead } from "../parts/table-head.tsx";
import table from "../parts/table.module.css";
import { removeJob } from "./actions.ts";
import { EmptyJobs } from "./empty-jobs.tsx";
import { JobRow } from "./job-row.tsx";
import { JobsNav } from "./jobs-nav.tsx";
import { RunDialog } from "./run-dialog.tsx";

export function JobsPage() {
  const { data: jobs = [], error, isPending } = useQuery(jobsQuery);
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<{ what: "remove" | "run"; job: Job } | null>(null);
  const close = (): void => setAsked(null);
  const isEmpty = jobs.length === 0 && !isPending && !error;
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>Jobs</h1>
          <p class={frame.quiet}>
            {plural(jobs.length, "job")}, {jobs.filter(({ enabled }) => enabled).length} on
          </p>
        </div>
        <Button icon="plus" look="primary" blocked={blockedFor("admin")} onClick={() => navigate("/jobs/new")}>
          New job
        </Button>
      </header>
      <JobsNav />
      <ErrorNotice error={error} />
      {isEmpty && <EmptyJobs />}
      {jobs.length > 0 && (
        <table class={table.table}>
          <TableHead columns={["Name", "Runs", "Next run", "Last run", "On"]} withActions />
          <tbody>
            {jobs.map((job) => (
              <JobRow
                key={job.id}
                job={job}
                onRunWithData={() => setAsked({ what: "run", job })}
                onRemove={() => setAsked({ what: "remove", job })}
              />
            ))}
          </tbody>
        </table>
      )}
      {asked?.what === "run" && <RunDialog job={asked.job} onClose={close} />}
      {asked?.what === "remove" && <RemoveJobDialog job={asked.job} onClose={close} />}
    </div>
  );
}

type RemoveJobProps = { job: Pick<Job, "id" | "name">; onRemoved?: () => void; onClose: () => void };

export function RemoveJobDialog({ job, onRemoved, onClose }: RemoveJobProps) {
  const remove = async (): Promise<void> => {
    await removeJob(job);
    onRemoved?.();
  };
  return (
    <RemoveDialog name={job.name} remove={remove} onClose={onClose}>
      <p>Its triggers start nothing any more. The runs it had stay on record.</p>
    </RemoveDialog>
  );
}
