/** One call that waits for a person: what it would do, and the decision. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { Approval, DecideApproval } from "@roundhouse/protocol/api/run";
import { call } from "../api/call.ts";
import { queryClient } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { runPath } from "../jobs/actions.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { formatRelative } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { CallView } from "../runs/call-view.tsx";
import { toast } from "../shell/toasts.tsx";
import css from "./approvals.module.css";
import { Diff } from "./diff.tsx";

type CardProps = {
  approval: Approval;
  /** Stands in its run, so that need not be named. */
  inRun?: boolean;
};

export function ApprovalCard({ approval, inRun }: CardProps) {
  const [isDenying, setDenying] = useState(false);
  const decision = useDecision(approval);
  // Only from the card itself: a letter typed in a field of it is a letter.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isDenying || event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { a: () => decision.decide({ decision: "approve" }), d: () => setDenying(true) }[event.key];
    if (act === undefined || decision.blocked !== undefined) return;
    event.preventDefault();
    act();
  };
  const name = `${approval.tool} for ${approval.jobName}`;
  return (
    <article class={css.card} aria-label={name} tabIndex={0} onKeyDown={onKeyDown}>
      <header class={css.head}>
        {!inRun && (
          <Link href={runPath(approval.run)}>
            <strong>{approval.jobName}</strong>
          </Link>
        )}
        <span>{QUESTIONS[approval.kind]}</span>
        <span class={css.quiet}>ends {formatRelative(approval.expiresAt, now.value)}</span>
      </header>
      <ApprovedCall approval={approval} />
      <ErrorNotice error={decision.error} />
      {isDenying ? (
        <DenyForm {...decision} onClose={() => setDenying(false)} />
      ) : (
        <Choices approval={approval} {...decision} onDeny={() => setDenying(true)} />
      )}
    </article>
  );
}

const QUESTIONS = {
  tool: "wants to make this call:",
  unknown: "Nobody knows whether this call was done. Look at the node before you have it made again:",
  definition: "wants to call a tool that its MCP server describes otherwise than was approved:",
} as const;

export function ApprovedCall({ approval }: { approval: Approval }) {
  const { kind, tool, arguments: args, node, nodeName, diff } = approval;
  const isDefinition = kind === "definition";
  return (
    <>
      <CallView tool={tool} args={args} node={nodeName ?? node} withoutText={diff !== null && !isDefinition} />
      {isDefinition && <p>From what was approved to what it says now, which is a stranger's text:</p>}
      {diff !== null && <Diff diff={diff} {...(isDefinition && { label: "How its definition changed" })} />}
    </>
  );
}

type Decision = ReturnType<typeof useDecision>;

function useDecision({ id, kind }: Approval) {
  const asked = useRef<DecideApproval>();
  const { submit, busy, error } = useSubmit(async () => {
    if (asked.current === undefined) return;
    try {
      await call("POST", `/api/approvals/${encodeURIComponent(id)}`, asked.current);
      toast(wordsOf(asked.current, kind));
    } finally {
      // Somebody else may have been faster.
      await Promise.all(["approval", "run"].map((entity) => queryClient.invalidateQueries({ queryKey: [entity] })));
    }
  });
  const decide = (decision: DecideApproval): void => {
    asked.current = decision;
    submit();
  };
  return { decide, busy, error, blocked: blockedFor("operator") };
}

function wordsOf({ decision, always }: DecideApproval, kind: Approval["kind"]): string {
  if (decision === "deny") return kind === "unknown" ? "It is not made again." : "Denied. The model is told.";
  if (kind === "definition") return "Approved as it is described now, for everybody. The run goes on.";
  return always ? "Approved, now and whenever it is exactly this call." : "Approved. The run goes on.";
}

const YES = { tool: "Approve", unknown: "Make it again", definition: "Approve what it says now" } as const;

type ChoicesProps = Decision & { approval: Approval; onDeny: () => void };

function Choices({ approval: { kind }, decide, busy, blocked, onDeny }: ChoicesProps): ComponentChildren {
  const isTool = kind === "tool";
  return (
    <div class={css.choices}>
      <Button
        look="primary"
        icon="check"
        aria-keyshortcuts="a"
        blocked={blocked}
        busy={busy}
        onClick={() => decide({ decision: "approve" })}
      >
        {YES[kind]}
      </Button>
      {isTool && (
        <Button
          title="This job may make exactly this call on this node from now on, without asking"
          blocked={blocked}
          busy={busy}
          onClick={() => decide({ decision: "approve", always: true })}
        >
          Approve always
        </Button>
      )}
      <Button look="danger" icon="close" aria-keyshortcuts="d" blocked={blocked} busy={busy} onClick={onDeny}>
        {kind === "unknown" ? "Leave it" : "Deny"}
      </Button>
    </div>
  );
}

function DenyForm({ decide, busy, blocked, onClose }: Decision & { onClose: () => void }) {
  const [reason, setReason] = useState("");
  const form = useRef<HTMLFormElement>(null);
  // Before the next key arrives: it belongs to the reason.
  useLayoutEffect(() => form.current?.querySelector("input")?.focus(), []);
  return (
    <form
      ref={form}
      class={css.deny}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        decide({ decision: "deny", ...(reason.trim() !== "" && { reason }) });
      }}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <TextField
        label="Reason"
        value={reason}
        maxLength={2000}
        help="The model reads it. It may be left empty."
        onInput={setReason}
      />
      <div class={css.choices}>
        <Button type="submit" look="danger" blocked={blocked} busy={busy}>
          Deny
        </Button>
        <Button onClick={onClose}>Back</Button>
      </div>
    </form>
  );
}
