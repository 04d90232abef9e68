/** The inbox: calls that wait for a person, and below them those that were decided. */
import { useQuery } from "@tanstack/preact-query";
import { Link } from "wouter-preact";
import type { Approval } from "@roundhouse/protocol/api/run";
import { usePages } from "../api/pages.ts";
import { pendingApprovalsQuery } from "../api/queries.ts";
import { runPath } from "../jobs/actions.ts";
import { JobsNav } from "../jobs/jobs-nav.tsx";
import { now } from "../live/now.ts";
import { formatRelative } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { ShowOlder } from "../parts/show-older.tsx";
import { ApprovalStatusMark } from "../runs/status.tsx";
import css from "./approvals.module.css";
import { ApprovalCard, ApprovedCall } from "./card.tsx";

export function ApprovalsPage() {
  const { data: pending = [], error, isPending } = useQuery(pendingApprovalsQuery);
  return (
    <div class={`${frame.page} ${frame.narrow}`}>
      <header class={frame.head}>
        <div>
          <h1>Approvals</h1>
          <p class={frame.quiet}>
            <kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>a</kbd> approve, <kbd>d</kbd> deny
          </p>
        </div>
      </header>
      <JobsNav />
      <ErrorNotice error={error} />
      {pending.length === 0 && !isPending && !error && (
        <EmptyPlace title="Nothing waits for you">
          <p>Calls that a node's policy or a job wants asked about come here. A run waits for days at no cost.</p>
        </EmptyPlace>
      )}
      <ul class={css.list} aria-label="Waiting for approval" onKeyDown={goToNext}>
        {pending.map((approval) => (
          <li key={approval.id}>
            <ApprovalCard approval={approval} />
          </li>
        ))}
      </ul>
      <DecidedOnes />
    </div>
  );
}

/** The arrows go from card to card, but not from within a field. */
function goToNext(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.target instanceof HTMLInputElement || !(event.target instanceof Element)) return;
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>("article")];
  const at = cards.findIndex((card) => card.contains(event.target as Element));
  const next = cards[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function DecidedOnes() {
  const { items, error, loadMore } = usePages<Approval>(["approval", "all"], "/api/approvals");
  const decided = items.filter(({ status }) => status !== "pending");
  return (
    <section class={css.decided} aria-label="Decided">
      <ErrorNotice error={error} />
      {decided.length > 0 && <h2>Decided</h2>}
      <ul class={css.list}>
        {decided.map((approval) => (
          <li key={approval.id}>
            <Decided approval={approval} />
          </li>
        ))}
      </ul>
      <ShowOlder onMore={loadMore} />
    </section>
  );
}

function Decided({ approval }: { approval: Approval }) {
  const { status, jobName, run, tool, nodeName, decidedBy, decidedAt, reason } = approval;
  return (
    <details class={css.past}>
      <summary>
        <ApprovalStatusMark status={status} /> <strong>{tool}</strong>
        {nodeName !== null && ` on ${nodeName}`} for {jobName}
        <span class={css.quiet}>
          {decidedBy !== null && ` by ${decidedBy}`}
          {decidedAt !== null && ` ${formatRelative(decidedAt, now.value)}`}
          {reason !== null && `: ${reason}`}
        </span>
      </summary>
      <div class={css.pastBody}>
        <ApprovedCall approval={approval} />
        <Link href={runPath(run)}>The run</Link>
      </div>
    </details>
  );
}
