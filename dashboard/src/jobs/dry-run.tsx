/** A dry run beside the form: the model is asked, and the calls it would make are shown; none is made. */
import { useState } from "preact/hooks";
import type { Job } from "@roundhouse/protocol/api/job";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { RunView } from "../runs/run-view.tsx";
import { runJob } from "./actions.ts";
import css from "./job-page.module.css";
import { Section } from "./section.tsx";

type DryRunProps = { job: Job | undefined; isDirty: boolean; save: () => Promise<Job> };

export function DryRun({ job, isDirty, save }: DryRunProps) {
  const [runId, setRunId] = useState<string | null>(null);
  const { submit, busy, error } = useSubmit(async () => {
    if (job === undefined) return;
    const saved = isDirty ? await save() : job;
    setRunId((await runJob(saved, { dry: true })).id);
  });
  const unsaved = job === undefined ? "Make the job first: a dry run is a run of what is saved." : undefined;
  return (
    <Section
      title="Dry run"
      tools={
        <Button
          icon="play"
          blocked={blockedFor(isDirty ? "admin" : "operator") ?? unsaved}
          busy={busy}
          onClick={submit}
        >
          {isDirty && job ? "Save and dry run" : "Dry run"}
        </Button>
      }
    >
      <ErrorNotice error={error} />
      {runId === null ? (
        <p class={css.quiet}>Asks the model and shows what it would call. Nothing is done on any node.</p>
      ) : (
        <RunView key={runId} id={runId} />
      )}
    </Section>
  );
}
