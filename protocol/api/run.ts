/** Runs of jobs, their steps, and the approvals that they wait for. */
import * as z from "zod";
import { ListQuery, Timestamp } from "./common.ts";

/** `waiting`: an approval, or a call of unknown outcome, wants a person. */
export const RunStatus = z.enum(["queued", "running", "waiting", "succeeded", "failed", "cancelled"]);
export type RunStatus = z.infer<typeof RunStatus>;

export function isOver(status: RunStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

export const RunTrigger = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("cron"), schedule: z.string(), dueAt: Timestamp }),
  z.object({ kind: z.literal("webhook"), name: z.string(), messageId: z.string() }),
  z.object({ kind: z.literal("person"), by: z.string() }),
]);
export type RunTrigger = z.infer<typeof RunTrigger>;

/** Why a run failed. */
export const RunFailure = z.enum([
  "turn_limit",
  "time_limit",
  "token_limit",
  "money_limit",
  "provider_failed",
  "no_node",
  "bad_output",
  "unknown_outcome",
  "job_removed",
  "internal",
]);
export type RunFailure = z.infer<typeof RunFailure>;

export const Usage = z.object({ inputTokens: z.int(), outputTokens: z.int(), money: z.number() });
export type Usage = z.infer<typeof Usage>;

export const Run = z
  .object({
    id: z.string(),
    job: z.string(),
    jobName: z.string(),
    status: RunStatus,
    trigger: RunTrigger,
    dry: z.boolean(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    turns: z.int(),
    usage: Usage,
    /** The last answer of the model. */
    output: z.string().nullable(),
    failure: z.object({ code: RunFailure, message: z.string() }).nullable(),
    /** In a few words, while it is under way. */
    doing: z.string().nullable(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof Run>;

export const RunQuery = z.object({
  ...ListQuery.shape,
  job: z.string().max(100).optional(),
  status: RunStatus.optional(),
});
export type RunQuery = z.infer<typeof RunQuery>;

const StepBase = z.object({
  seq: z.int(),
  turn: z.int(),
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
});

/** One turn of the model. */
export const ModelStep = StepBase.extend({
  kind: z.literal("model"),
  status: z.enum(["running", "succeeded", "failed"]),
  provider: z.string(),
  model: z.string(),
  /** How often it was asked: a turn that was cut off is asked again. */
  attempts: z.int(),
  usage: Usage.nullable(),
  text: z.string().nullable(),
  error: z.string().nullable(),
});

/** One call of a tool. `callId` is the id of its effect. */
export const ToolStep = StepBase.extend({
  kind: z.literal("tool"),
  status: z.enum(["waiting", "running", "succeeded", "failed", "refused", "unknown", "cancelled"]),
  callId: z.string(),
  tool: z.string(),
  node: z.string().nullable(),
  arguments: z.record(z.string(), z.unknown()),
  result: z.string().nullable(),
  exitCode: z.int().nullable(),
  approval: z.string().nullable(),
});

/** What happened besides: began, resumed, limit reached, cancelled. */
export const NoteStep = StepBase.extend({ kind: z.literal("note"), text: z.string() });

export const Step = z.discriminatedUnion("kind", [ModelStep, ToolStep, NoteStep]).meta({ id: "Step" });
export type Step = z.infer<typeof Step>;
export type ModelStep = z.infer<typeof ModelStep>;
export type ToolStep = z.infer<typeof ToolStep>;

export const Steps = z.object({ items: z.array(Step) }).meta({ id: "Steps" });
export type Steps = z.infer<typeof Steps>;

export const ApprovalStatus = z.enum(["pending", "approved", "denied", "expired", "withdrawn"]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

export const Approval = z
  .object({
    id: z.string(),
    /**
     * `tool`: may this call be made? `unknown`: nobody knows what became of it; approving makes it again. `definition`: its MCP
     * server describes the tool otherwise than was approved; approving pins what it says now, and makes the call.
     */
    kind: z.enum(["tool", "unknown", "definition"]),
    run: z.string(),
    job: z.string(),
    jobName: z.string(),
    node: z.string().nullable(),
    nodeName: z.string().nullable(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    /** For a file that is written: a unified diff against what is there now. Of `definition`: between the definitions. */
    diff: z.string().nullable(),
    status: ApprovalStatus,
    createdAt: Timestamp,
    expiresAt: Timestamp,
    decidedAt: Timestamp.nullable(),
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: "Approval" });
export type Approval = z.infer<typeof Approval>;

export const ApprovalQuery = z.object({
  ...ListQuery.shape,
  status: ApprovalStatus.optional(),
  run: z.string().max(100).optional(),
});
export type ApprovalQuery = z.infer<typeof ApprovalQuery>;

/** `always`: this job may make exactly this call on this node from now on without asking. */
export const DecideApproval = z
  .object({
    decision: z.enum(["approve", "deny"]),
    reason: z.string().trim().max(2000).optional(),
    always: z.boolean().default(false),
  })
  .meta({ id: "DecideApproval" });
export type DecideApproval = z.input<typeof DecideApproval>;
