/** Jobs of the HTTP API: what a model is to do, on which nodes, with which tools, when, and within which limits. */
import * as z from "zod";
import { Decision } from "../policy.ts";
import { Timestamp } from "./common.ts";
import { SecretName } from "./secret.ts";

/** A node's id or name, or `label:<key>=<value>` for all that carry that label. */
export const NodeRef = z.string().min(1).max(200);

/** What happens to a firing that nobody was there for: nothing, or one run for all of them. */
export const MissedPolicy = z.enum(["skip", "run_once"]);

export const CronTrigger = z.object({
  kind: z.literal("cron"),
  /** Five fields, or six with seconds first. */
  schedule: z.string().min(1).max(200),
  /** An IANA name, such as `Europe/Berlin`. */
  timezone: z.string().min(1).max(100).default("UTC"),
  missed: MissedPolicy.default("skip"),
});
export type CronTrigger = z.infer<typeof CronTrigger>;

const WEBHOOK_RULE = "1 to 60 of a-z, 0-9 and -, such as deploy";
/** `POST /api/webhook/<name>`, signed as Standard Webhooks say. */
export const WebhookTrigger = z.object({
  kind: z.literal("webhook"),
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/, WEBHOOK_RULE),
  /** Names of the secrets that sign it (`whsec_…`): one, or two while the key is being changed. */
  secrets: z.array(SecretName).min(1, "choose the secret that signs it").max(2),
});
export type WebhookTrigger = z.infer<typeof WebhookTrigger>;

export const Trigger = z.discriminatedUnion("kind", [CronTrigger, WebhookTrigger]);
export type Trigger = z.infer<typeof Trigger>;

export const JobLimits = z.object({
  turns: z.int().min(1).max(200).default(20),
  minutes: z.number().min(0.1).max(1440).default(30),
  /** Input and output of all turns. */
  tokens: z.int().min(1).max(100_000_000).default(500_000),
  /** In US dollars, by the provider's prices. null: no limit. */
  money: z.number().min(0).max(100_000).nullable().default(null),
  /** Runs of this job at a time. */
  concurrency: z.int().min(1).max(100).default(1),
  /** What a firing does that finds that many at work. */
  whenBusy: z.enum(["queue", "skip"]).default("queue"),
  /** How long an approval is waited for. */
  approvalHours: z
    .number()
    .min(0.01)
    .max(24 * 90)
    .default(72),
});
export type JobLimits = z.infer<typeof JobLimits>;

export const JobOutput = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text") }),
  /** The last answer must be JSON that this JSON schema accepts. */
  z.object({ kind: z.literal("json"), schema: z.record(z.string(), z.unknown()) }),
]);
export type JobOutput = z.infer<typeof JobOutput>;

/** What is told of each run's end, signed as Standard Webhooks say. Never to an address of a private network. */
export const JobNotify = z.object({
  url: z
    .url({ protocol: /^https?$/, message: "an http:// or https:// URL, such as https://example.com/hook" })
    .max(1000),
  secret: SecretName,
});

export const ModelChoice = z.object({ provider: z.string().min(1).max(100), model: z.string().min(1).max(200) });
export type ModelChoice = z.infer<typeof ModelChoice>;

const Fields = z.object({
  name: z.string().trim().min(1).max(60),
  instructions: z.string().trim().min(1).max(50_000),
  nodes: z.array(NodeRef).min(1, "choose at least one node").max(50),
  /** A provider's id or name. */
  provider: z.string().min(1).max(100),
  model: z.string().min(1).max(200),
  /** Asked in this order when the first does not answer. */
  fallbacks: z.array(ModelChoice).max(5).default([]),
  /** Names of native tools, and tools of MCP servers on its nodes: `<server>/<tool>`, or `<server>/*` for all of a server's. */
  tools: z.array(z.string().max(250)).max(100).default([]),
  /** By tool: narrower than what the nodes' policies say, never wider. */
  toolDecisions: z.record(z.string().max(250), Decision).default({}),
  triggers: z.array(Trigger).max(20).default([]),
  limits: JobLimits.default(JobLimits.parse({})),
  output: JobOutput.default({ kind: "text" }),
  notify: JobNotify.nullable().default(null),
  /** Names of secrets whose values must never show in what this job says or stores. Those it is bound to are taken out anyway. */
  secrets: z.array(SecretName).max(50).default([]),
  /** A call whose outcome nobody knows: a person decides, the run fails, or the model is told and goes on. */
  onUnknown: z.enum(["ask", "fail", "continue"]).default("ask"),
  enabled: z.boolean().default(true),
});

export const Job = z
  .object({
    id: z.string(),
    ...Fields.shape,
    /** The next cron firing. null: none is due. */
    nextRunAt: Timestamp.nullable(),
    lastRun: z.object({ id: z.string(), status: z.string(), createdAt: Timestamp }).nullable(),
    /** What is right but does nothing as things are, such as a label that no node carries. Not in lists. */
    warnings: z.array(z.string()).optional(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const NewJob = Fields.meta({ id: "NewJob" });
export type NewJob = z.input<typeof NewJob>;
export type JobInput = z.output<typeof NewJob>;

/** A job is written whole: `PUT` replaces every part. */
export const PutJob = Fields.meta({ id: "PutJob" });

/** `dry`: the model is asked and its calls are shown, but no call is made. `data` is handed to the model, marked as untrusted. */
export const RunJob = z
  .object({ dry: z.boolean().default(false), data: z.unknown().optional() })
  .meta({ id: "RunJob" });
export type RunJob = z.input<typeof RunJob>;

const { schedule, timezone } = CronTrigger.shape;
export const PreviewQuery = z.object({ schedule, timezone });
/** The next times that a schedule comes. */
export const SchedulePreview = z.object({ times: z.array(Timestamp) }).meta({ id: "SchedulePreview" });
export type SchedulePreview = z.infer<typeof SchedulePreview>;

/** The largest body that a webhook takes, and the largest `data` of a run as JSON, in bytes. */
export const MAX_RUN_DATA_BYTES = 65_536;
/** New messages that a webhook takes within any 60 seconds. */
export const MAX_WEBHOOK_MESSAGES_PER_MINUTE = 60;

/** A name that `POST /api/webhook/<name>` takes. `lastMessage` is the last one that was taken. */
export const Webhook = z
  .object({
    name: z.string(),
    job: z.string(),
    jobName: z.string(),
    /** Whether its job is: a disabled one takes no messages. */
    enabled: z.boolean(),
    url: z.string(),
    secrets: z.array(z.string()),
    lastMessage: z.object({ id: z.string(), run: z.string(), receivedAt: Timestamp }).nullable(),
  })
  .meta({ id: "Webhook" });
export type Webhook = z.infer<typeof Webhook>;

/** What a taken message is answered with: its run. */
export const WebhookTaken = z.object({ run: z.string() }).meta({ id: "WebhookTaken" });
export type WebhookTaken = z.infer<typeof WebhookTaken>;
