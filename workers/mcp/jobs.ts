/** Tools about jobs: list them, and run one. */
import { Job } from "@roundhouse/protocol/api/job";
import * as z from "zod";
import { listJobs } from "../services/job/list.ts";
import { runJob } from "../services/job/run.ts";
import { pageInput, pageOf } from "./page.ts";
import { listText } from "./result.ts";
import { runText, ShownRun, showRun } from "./shown-run.ts";
import { defineTool, type Tool } from "./tool.ts";
import { followRun, MAX_WAIT_SECONDS } from "./wait.ts";

const ShownJob = Job.pick({
  id: true,
  name: true,
  enabled: true,
  nodes: true,
  provider: true,
  model: true,
  tools: true,
  nextRunAt: true,
  lastRun: true,
});

const listJobsTool = defineTool({
  name: "list_jobs",
  title: "List jobs",
  description: "Lists the jobs: what models do on the nodes, each with its last run and when it runs next.",
  role: "viewer",
  effect: "reads",
  input: z.strictObject(pageInput),
  output: pageOf(ShownJob),
  call: ({ ctx }, page) => listJobs(ctx, page),
  text: ({ items, cursor }) => listText("jobs", items.map(lineOf), cursor),
});

const runJobTool = defineTool({
  name: "run_job",
  title: "Run a job",
  description:
    "Starts a run of a job now, also of a disabled one, and answers the run. With waitSeconds it answers when the run is " +
    "over, asks for an approval, or the time is up, and tells its progress meanwhile; the run goes on in any case.",
  role: "operator",
  effect: "changes",
  change: {
    action: "run",
    entity: "job",
    told: ({ run }) => ({ id: run.job, name: run.jobName, detail: `made: ${run.id}` }),
  },
  ...{ destructive: true, idempotent: false },
  input: z.strictObject({
    job: z.string().min(1).max(100).describe("The job's id, or its name in any case."),
    dry: z.boolean().default(false).describe("The model is asked and its calls are shown, but none is made."),
    data: z.unknown().optional().describe("Any JSON, handed to the job's model as untrusted input."),
    idempotencyKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("The same key of the same job is the same run, however often it is sent."),
    waitSeconds: z.int().min(0).max(MAX_WAIT_SECONDS).default(0).describe("How long to wait for its end."),
  }),
  output: ShownRun,
  call: async ({ ctx }, { job, dry, data, idempotencyKey }) => {
    return showRun(ctx, await runJob(ctx, job, { dry, data }, idempotencyKey));
  },
  follow: (caller, { waitSeconds }, shown) => followRun(caller, shown, waitSeconds),
  text: runText,
});

function lineOf({ id, name, enabled, nodes, model, nextRunAt, lastRun }: z.infer<typeof ShownJob>): string {
  const parts = [`${name} (${id})${enabled ? "" : ", disabled"}: ${model} on ${nodes.join(", ")}`];
  if (nextRunAt !== null) parts.push(`next run ${nextRunAt}`);
  parts.push(lastRun === null ? "never ran" : `last run ${lastRun.id} ${lastRun.status}`);
  return parts.join("; ");
}

export const jobTools: readonly Tool[] = [listJobsTool, runJobTool];
