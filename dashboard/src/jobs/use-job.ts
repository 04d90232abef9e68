/** The state of one job while its form is open: new, begun from an example, or an existing one. */
import { useQuery } from "@tanstack/preact-query";
import { useMemo } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Job } from "@roundhouse/protocol/api/job";
import { call } from "../api/call.ts";
import { ApiError } from "../api/errors.ts";
import { nodesQuery, providersQuery } from "../api/queries.ts";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { jobPath, saveJob } from "./actions.ts";
import { bodyOf, draftOf, emptyDraft, type JobDraft, schemaProblem } from "./draft.ts";
import { dropJobDraft, jobDraft, keepJobDraft } from "./drafts.ts";
import { EXAMPLES } from "./examples.ts";

const NEW = "new";

/** `id` is NEW or a job's; `from` is the example that a new one begins with. */
export function useJob(id: string, from: string | null) {
  const isNew = id === NEW;
  const [, navigate] = useLocation();
  const read = useQuery({
    queryKey: ["job", id],
    queryFn: () => call<Job>("GET", `/api/jobs/${encodeURIComponent(id)}`),
    enabled: !isNew,
  });
  const beginning = useBeginning(isNew, from);
  const saved = useMemo(() => (isNew ? beginning : read.data && draftOf(read.data)), [isNew, beginning, read.data]);
  const kept = jobDraft(id);
  const draft = kept ?? saved;
  const change = (part: Partial<JobDraft>): void => {
    if (draft !== undefined) keepJobDraft(id, { ...draft, ...part });
  };

  /** What was saved. @throws what the API refuses */
  const save = async (): Promise<Job> => {
    if (draft === undefined) throw new Error("The job is still being read.");
    refuseBadSchema(draft);
    const job = await saveJob(isNew ? null : id, bodyOf(draft));
    dropJobDraft(id);
    return job;
  };
  const { submit, busy, error } = useSubmit(async () => {
    const job = await save();
    toast(isNew ? `${job.name} was made.` : `${job.name} is saved. Runs that are under way keep what they began with.`);
    if (isNew) navigate(jobPath(job.id), { replace: true });
  });
  const leave = (): void => {
    dropJobDraft(id);
    navigate("/jobs");
  };
  return {
    ...{ isNew, job: read.data, draft, change, save, submit, busy, error, leave },
    isDirty: kept !== undefined,
    readError: read.error,
  };
}

export type JobForm = { draft: JobDraft; change: (part: Partial<JobDraft>) => void; errors: Record<string, string> };

/** A new job's first state: an example, and what there is only one of. */
function useBeginning(isNew: boolean, from: string | null): JobDraft | undefined {
  const providers = useQuery({ ...providersQuery, enabled: isNew });
  const nodes = useQuery({ ...nodesQuery, enabled: isNew });
  const isRead = !providers.isPending && !nodes.isPending;
  return useMemo(() => {
    if (!isNew || !isRead) return undefined;
    const example = EXAMPLES.find(({ id }) => id === from);
    const all = (nodes.data ?? []).map(({ id }) => id);
    return {
      ...(example?.draft() ?? emptyDraft()),
      provider: providers.data?.[0]?.id ?? "",
      nodes: example || all.length === 1 ? all : [],
    };
  }, [isNew, isRead, from]);
}

/** Found here: the API would only say that a text is no object. */
function refuseBadSchema({ output }: JobDraft): void {
  const problem = output.kind === "json" ? schemaProblem(output.schema) : undefined;
  if (problem === undefined) return;
  throw new ApiError(400, "invalid_input", "The schema of the output is not valid.", problem, {
    "output.schema": problem,
  });
}
