/** The trace of a run: each turn of the model, and under it each call with what came of it. */
import { useQuery } from "@tanstack/preact-query";
import type { Approval, ModelStep, Step, ToolStep } from "@roundhouse/protocol/api/run";
import { nodesQuery } from "../api/queries.ts";
import { ApprovalCard } from "../approvals/card.tsx";
import { now } from "../live/now.ts";
import { Folded } from "../parts/folded.tsx";
import { formatDuration, plural } from "../parts/format.ts";
import { CallView } from "./call-view.tsx";
import { formatMoney, formatTokens } from "./numbers.ts";
import { StepStatusMark } from "./status.tsx";
import css from "./trace.module.css";
import { durationOf, type Turn, turnsOf } from "./turns.ts";

type TraceProps = { steps: readonly Step[]; approvals: readonly Approval[] };

export function Trace({ steps, approvals }: TraceProps) {
  return (
    <ol class={css.trace} aria-label="Trace">
      {turnsOf(steps).map((turn) => (
        <li
          key={turn.turn}
          class={css.turn}
          aria-label={turn.turn === 0 ? "Before the first turn" : `Turn ${turn.turn}`}
        >
          <TurnView turn={turn} approvals={approvals} />
        </li>
      ))}
    </ol>
  );
}

function TurnView({ turn: { turn, model, parts }, approvals }: { turn: Turn; approvals: readonly Approval[] }) {
  return (
    <>
      {model && <ModelView turn={turn} step={model} />}
      {parts.map((part) =>
        part.kind === "note" ? (
          <p key={part.seq} class={css.note}>
            {part.text}
          </p>
        ) : (
          <CallStep key={part.seq} step={part} approval={approvals.find(({ id }) => id === part.approval)} />
        ),
      )}
    </>
  );
}

function ModelView({ turn, step }: { turn: number; step: ModelStep }) {
  const { usage } = step;
  return (
    <>
      <p class={css.head}>
        <strong>Turn {turn}</strong>
        <StepStatusMark status={step.status} />
        <span class={css.quiet}>
          {step.model} at {step.provider}
        </span>
        <span class={css.numbers}>
          {usage && (
            <>
              <span title="tokens read and written">
                {formatTokens(usage.inputTokens)} in, {formatTokens(usage.outputTokens)} out
              </span>
              <span>{formatMoney(usage.money)}</span>
            </>
          )}
          <Duration step={step} />
          {step.attempts > 1 && <span>asked {plural(step.attempts, "time")}</span>}
        </span>
      </p>
      {step.text !== null && step.text !== "" && <Folded label={`Text of turn ${turn}`} text={step.text} />}
      {step.error !== null && <p class={css.error}>{step.error}</p>}
    </>
  );
}

function CallStep({ step, approval }: { step: ToolStep; approval: Approval | undefined }) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const node = nodes.find(({ id }) => id === step.node)?.name ?? step.node;
  return (
    <div class={css.step} role="group" aria-label={`Call of ${step.tool}`}>
      <p class={css.stepHead}>
        <StepStatusMark status={step.status} />
        <span class={css.numbers}>
          {step.exitCode !== null && <span>exit code {step.exitCode}</span>}
          {step.status !== "waiting" && <Duration step={step} />}
        </span>
      </p>
      {approval?.status === "pending" ? (
        <ApprovalCard approval={approval} inRun />
      ) : (
        <>
          <CallView tool={step.tool} args={step.arguments} node={node} />
          {approval && <Decided approval={approval} />}
        </>
      )}
      {step.result !== null && step.result !== "" && <Folded label={`Output of ${step.tool}`} text={step.result} />}
    </div>
  );
}

function Decided({ approval: { status, decidedBy, reason } }: { approval: Approval }) {
  return (
    <p class={css.quiet}>
      {status}
      {decidedBy !== null && ` by ${decidedBy}`}
      {reason !== null && `: ${reason}`}
    </p>
  );
}

function Duration({ step }: { step: { startedAt: string; endedAt: string | null } }) {
  const ms = durationOf(step, step.endedAt === null ? now.value : 0);
  return <span>{ms < 1_000 && step.endedAt !== null ? `${ms} ms` : formatDuration(ms)}</span>;
}
