/** A run as it goes: how it stands, what it does now, its trace, and what came of it. */
import { useQuery } from "@tanstack/preact-query";
import type { Run } from "@roundhouse/protocol/api/run";
import { runApprovalsQuery, runQuery, stepsQuery } from "../api/queries.ts";
import { ApprovalCard } from "../approvals/card.tsx";
import { runTriggerWords } from "../jobs/trigger-words.ts";
import { now } from "../live/now.ts";
import { CopyButton } from "../parts/copy.tsx";
import { Folded } from "../parts/folded.tsx";
import { formatDuration, formatRelative, plural } from "../parts/format.ts";
import { ErrorNotice, Warning } from "../parts/notice.tsx";
import { FAILURE_WORDS } from "./failure-words.ts";
import { formatMoney, formatTokens } from "./numbers.ts";
import { RunStatusMark } from "./status.tsx";
import { Trace } from "./trace.tsx";
import css from "./trace.module.css";
import { durationOf } from "./turns.ts";
import { useFollow } from "./use-follow.ts";

/** The feed tells of new steps; this bounds what a lost hint costs while somebody looks. */
const POLL_MS = 3_000;
const OVER: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);

export function isOver(run: Run | undefined): boolean {
  return run !== undefined && OVER.has(run.status);
}

export function RunView({ id }: { id: string }) {
  const { data: run, error } = useQuery({
    ...runQuery(id),
    refetchInterval: ({ state }) => (isOver(state.data) ? false : POLL_MS),
  });
  const over = isOver(run);
  const { data: steps = [], error: stepsError } = useQuery({
    ...stepsQuery(id),
    refetchInterval: over ? false : POLL_MS,
  });
  const { data: approvals = [] } = useQuery(runApprovalsQuery(id));
  const end = useFollow(steps.length === 0 ? 0 : steps.length + Number(over));
  // Those of a call stand at the call.
  const loose = approvals.filter(
    ({ id, status }) => status === "pending" && !steps.some((step) => step.kind === "tool" && step.approval === id),
  );
  return (
    <div class={css.view}>
      <ErrorNotice error={error ?? stepsError} />
      {run && <Summary run={run} />}
      {run?.failure && <Failure failure={run.failure} />}
      <Trace steps={steps} approvals={approvals} />
      {loose.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} inRun />
      ))}
      {run && !over && <Doing run={run} />}
      {run && over && run.output !== null && <Output text={run.output} />}
      <div ref={end} class={css.end} />
    </div>
  );
}

function Summary({ run }: { run: Run }) {
  const { usage } = run;
  const started = run.startedAt ?? run.createdAt;
  const ms = durationOf({ startedAt: started, endedAt: run.endedAt }, run.endedAt === null ? now.value : 0);
  const facts: readonly [string, string][] = [
    ["started", `${formatRelative(run.createdAt, now.value)}, ${runTriggerWords(run.trigger)}`],
    ["took", formatDuration(ms)],
    ["turns", String(run.turns)],
    ["tokens", `${formatTokens(usage.inputTokens)} in, ${formatTokens(usage.outputTokens)} out`],
    ["cost", formatMoney(usage.money)],
  ];
  return (
    <dl class={css.summary}>
      <div>
        <dt class="visually-hidden">status</dt>
        <dd>
          <RunStatusMark status={run.status} />
          {run.dry && <span class={css.quiet}> dry: no call was made</span>}
        </dd>
      </div>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Failure({ failure: { code, message } }: { failure: NonNullable<Run["failure"]> }) {
  const { title, remedy } = FAILURE_WORDS[code];
  return (
    <Warning title={title}>
      <p>{message}</p>
      <p>{remedy}</p>
    </Warning>
  );
}

function Doing({ run }: { run: Run }) {
  const words = run.doing ?? (run.status === "queued" ? "waits for its turn" : "at work");
  return (
    <p class={css.doing} role="status">
      <RunStatusMark status={run.status} />
      {words}
    </p>
  );
}

function Output({ text }: { text: string }) {
  return (
    <section class={css.output} aria-label="Output of the run">
      <p class={css.head}>
        <strong>Output</strong>
        <span class={css.quiet}>{plural(text.length, "character")}</span>
      </p>
      <Folded label="Output" text={text} />
      <div>
        <CopyButton text={text} label="Copy" />
      </div>
    </section>
  );
}
