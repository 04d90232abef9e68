/** One run: its trace, live, and the way to end it. */
import { useQuery } from "@tanstack/preact-query";
import { Link } from "wouter-preact";
import type { Run } from "@roundhouse/protocol/api/run";
import { call } from "../api/call.ts";
import { queryClient, runQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { jobPath } from "../jobs/actions.ts";
import { JobsNav } from "../jobs/jobs-nav.tsx";
import { Button } from "../parts/button.tsx";
import frame from "../parts/page.module.css";
import { useSubmit } from "../parts/submit.ts";
import { toast, toastError } from "../shell/toasts.tsx";
import { isOver, RunView } from "./run-view.tsx";

export function RunPage({ params: { id } }: { params: { id: string } }) {
  const { data: run } = useQuery(runQuery(id));
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>{run ? `Run of ${run.jobName}` : "Run"}</h1>
          {run && (
            <p class={frame.quiet}>
              <Link href={jobPath(run.job)}>The job</Link> ·{" "}
              <Link href={`/jobs/runs?job=${encodeURIComponent(run.job)}`}>Its other runs</Link>
            </p>
          )}
        </div>
        {run && !isOver(run) && <CancelButton run={run} />}
      </header>
      <JobsNav />
      <RunView key={id} id={id} />
    </div>
  );
}

function CancelButton({ run }: { run: Run }) {
  const { submit, busy } = useSubmit(async () => {
    try {
      await call("POST", `/api/runs/${encodeURIComponent(run.id)}/cancel`);
      toast("The run is being cancelled. What it has running on nodes is ended.");
    } catch (error) {
      toastError(error);
    }
    await queryClient.invalidateQueries({ queryKey: ["run"] });
  });
  return (
    <Button look="danger" icon="stop" blocked={blockedFor("operator")} busy={busy} onClick={submit}>
      Cancel the run
    </Button>
  );
}
