/** The runs of all jobs, or of one, newest first. */
import { useQuery } from "@tanstack/preact-query";
import { Link, useLocation, useSearch } from "wouter-preact";
import type { Run, RunStatus } from "@roundhouse/protocol/api/run";
import { usePages } from "../api/pages.ts";
import { jobsQuery } from "../api/queries.ts";
import { runPath } from "../jobs/actions.ts";
import { JobsNav } from "../jobs/jobs-nav.tsx";
import { runTriggerWords } from "../jobs/trigger-words.ts";
import { now } from "../live/now.ts";
import { SelectField } from "../parts/field.tsx";
import { formatDuration, formatRelative } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { ShowOlder } from "../parts/show-older.tsx";
import { TableHead } from "../parts/table-head.tsx";
import table from "../parts/table.module.css";
import { formatMoney, formatTokens } from "./numbers.ts";
import { RunStatusMark } from "./status.tsx";
import css from "./trace.module.css";
import { durationOf } from "./turns.ts";

const STATUSES: readonly RunStatus[] = ["queued", "running", "waiting", "succeeded", "failed", "cancelled"];
const COLUMNS = ["Job", "Status", "Started", "By", "Took", "Turns", "Tokens", "Cost"];
const NUMBERS: ReadonlySet<string> = new Set(["Took", "Turns", "Tokens", "Cost"]);

export function RunsPage() {
  const asked = new URLSearchParams(useSearch());
  const query = new URLSearchParams([...asked].filter(([name]) => name === "job" || name === "status")).toString();
  const { items: runs, error, isPending, loadMore } = usePages<Run>(["run", "list", query], `/api/runs?${query}`);
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <h1>Runs</h1>
      </header>
      <JobsNav />
      <Filters job={asked.get("job") ?? ""} status={asked.get("status") ?? ""} />
      <ErrorNotice error={error} />
      {runs.length === 0 && !isPending && !error && (
        <EmptyPlace title={query === "" ? "No run yet" : "No run is like that"}>
          {query === "" && (
            <p>
              A run is one time that a <Link href="/jobs">job</Link> was done, with every step on record.
            </p>
          )}
        </EmptyPlace>
      )}
      {runs.length > 0 && <RunTable runs={runs} />}
      <ShowOlder onMore={loadMore} />
    </div>
  );
}

function Filters({ job, status }: { job: string; status: string }) {
  const { data: jobs = [] } = useQuery(jobsQuery);
  const [, navigate] = useLocation();
  const show = (next: { job: string; status: string }): void => {
    const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== "")).toString();
    navigate(query === "" ? "/jobs/runs" : `/jobs/runs?${query}`, { replace: true });
  };
  const isGone = job !== "" && !jobs.some(({ id }) => id === job);
  return (
    <div class={css.filters}>
      <SelectField
        label="Job"
        value={job}
        options={[
          { value: "", label: "all" },
          ...(isGone ? [{ value: job, label: "one that was removed" }] : []),
          ...jobs.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(next) => show({ job: next, status })}
      />
      <SelectField
        label="Status"
        value={status}
        options={[{ value: "", label: "any" }, ...STATUSES.map((value) => ({ value, label: value }))]}
        onChange={(next) => show({ job, status: next })}
      />
    </div>
  );
}

function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <table class={table.table}>
      <TableHead columns={COLUMNS} numbers={NUMBERS} />
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run }: { run: Run }) {
  const { startedAt, endedAt, createdAt, usage } = run;
  const ms = durationOf({ startedAt: startedAt ?? createdAt, endedAt }, endedAt === null ? now.value : 0);
  return (
    <tr>
      <th scope="row">
        <Link href={runPath(run.id)}>{run.jobName}</Link>
        {run.dry && <span class={table.quiet}> dry</span>}
      </th>
      <td class={table.nowrap}>
        <RunStatusMark status={run.status} />
        {run.doing !== null && <span class={table.quiet}> {run.doing}</span>}
      </td>
      <td class={table.nowrap}>
        <time dateTime={createdAt} title={new Date(createdAt).toLocaleString("en-GB")}>
          {formatRelative(createdAt, now.value)}
        </time>
      </td>
      <td class={table.quiet}>{runTriggerWords(run.trigger)}</td>
      <td class={table.number}>{startedAt === null ? "–" : formatDuration(ms)}</td>
      <td class={table.number}>
        {run.turns}
        <span class={table.unit}> {run.turns === 1 ? "turn" : "turns"}</span>
      </td>
      <td class={table.number}>
        {formatTokens(usage.inputTokens + usage.outputTokens)}
        <span class={table.unit}> tokens</span>
      </td>
      <td class={table.number}>{formatMoney(usage.money)}</td>
    </tr>
  );
}
