/** One job in the list. */
import { Link, useLocation } from "wouter-preact";
import type { Job } from "@roundhouse/protocol/api/job";
import type { RunStatus } from "@roundhouse/protocol/api/run";
import { blockedFor } from "../api/session.ts";
import { now } from "../live/now.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { formatRelative } from "../parts/format.ts";
import { Switch } from "../parts/switch.tsx";
import table from "../parts/table.module.css";
import { RunStatusMark } from "../runs/status.tsx";
import { toastError } from "../shell/toasts.tsx";
import { jobPath, runJob, runPath, setEnabled } from "./actions.ts";
import { jobDraft } from "./drafts.ts";
import css from "./jobs.module.css";
import { localTime } from "./local-time.ts";
import { triggersWords } from "./trigger-words.ts";

type JobRowProps = { job: Job; onRunWithData: () => void; onRemove: () => void };

export function JobRow({ job, onRunWithData, onRemove }: JobRowProps) {
  const [, navigate] = useLocation();
  const blocked = blockedFor("admin");
  const run = async (): Promise<void> => navigate(runPath((await runJob(job)).id));
  return (
    <tr>
      <th scope="row">
        <Link href={jobPath(job.id)}>{job.name}</Link>
        {jobDraft(job.id) && <span class={css.dirty}> ● not saved</span>}
      </th>
      <td>{triggersWords(job.triggers)}</td>
      <td>
        <NextRun job={job} />
      </td>
      <td>
        <LastRun lastRun={job.lastRun} />
      </td>
      <td>
        <Switch
          label={`${job.name} is on`}
          on={job.enabled}
          blocked={blocked}
          onChange={(on) => void setEnabled(job, on).catch(toastError)}
        />
      </td>
      <td class={table.tools}>
        <Button
          icon="play"
          aria-label={`Run now: ${job.name}`}
          blocked={blockedFor("operator")}
          onClick={() => void run().catch(toastError)}
        >
          Run now
        </Button>{" "}
        <IconButton
          icon="braces"
          label={`Run ${job.name} with data`}
          blocked={blockedFor("operator")}
          onClick={onRunWithData}
        />
        <IconButton icon="trash" tone="bad" label={`Remove ${job.name}`} blocked={blocked} onClick={onRemove} />
      </td>
    </tr>
  );
}

function NextRun({ job: { nextRunAt, enabled } }: { job: Job }) {
  if (!enabled) return <span class={table.quiet}>off</span>;
  if (nextRunAt === null) return <span class={table.quiet}>none by the clock</span>;
  return (
    <span class={css.next}>
      <span>{formatRelative(nextRunAt, now.value)}</span>
      <time class={table.quiet} dateTime={nextRunAt}>
        {localTime(nextRunAt, now.value)}
      </time>
    </span>
  );
}

function LastRun({ lastRun }: { lastRun: Job["lastRun"] }) {
  if (lastRun === null) return <span class={table.quiet}>never</span>;
  return (
    <Link href={runPath(lastRun.id)} class={css.lastRun}>
      <RunStatusMark status={lastRun.status as RunStatus} />
      <span class={table.quiet}>{formatRelative(lastRun.createdAt, now.value)}</span>
    </Link>
  );
}
