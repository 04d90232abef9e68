/** How runs, their steps and approvals stand: a mark, a colour and a word. */
import type { ApprovalStatus, RunStatus, Step } from "@roundhouse/protocol/api/run";
import { type Look, StatusMark } from "../instances/status.tsx";

type StepStatus = Exclude<Step, { kind: "note" }>["status"];

const OK = { mark: "full", tone: "ok" } as const;
const BUSY = { mark: "turning", tone: "busy" } as const;
const BAD = { mark: "cross", tone: "bad" } as const;
const WAITS = { mark: "half", tone: "busy" } as const;
const OFF = { mark: "ring", tone: "off" } as const;
const GONE = { mark: "dashed", tone: "off" } as const;

const RUN_LOOKS: Readonly<Record<RunStatus, Look>> = {
  queued: OFF,
  running: BUSY,
  waiting: WAITS,
  succeeded: OK,
  failed: BAD,
  cancelled: GONE,
};
const STEP_LOOKS: Readonly<Record<StepStatus, Look & { word?: string }>> = {
  waiting: { ...WAITS, word: "waits for approval" },
  running: BUSY,
  succeeded: OK,
  failed: BAD,
  refused: BAD,
  unknown: { mark: "dashed", tone: "lost", word: "outcome unknown" },
  cancelled: GONE,
};
const APPROVAL_LOOKS: Readonly<Record<ApprovalStatus, Look>> = {
  pending: WAITS,
  approved: OK,
  denied: BAD,
  expired: GONE,
  withdrawn: GONE,
};

export function RunStatusMark({ status }: { status: RunStatus }) {
  return <StatusMark {...RUN_LOOKS[status]} word={status} />;
}

export function StepStatusMark({ status }: { status: StepStatus }) {
  const { mark, tone, word = status } = STEP_LOOKS[status];
  return <StatusMark mark={mark} tone={tone} word={word} />;
}

export function ApprovalStatusMark({ status }: { status: ApprovalStatus }) {
  return <StatusMark {...APPROVAL_LOOKS[status]} word={status} />;
}
