/** Writes a job: what the model is told, where and with what, when, and within which limits. */
import { useEffect, useState } from "preact/hooks";
import { Link, useSearch } from "wouter-preact";
import type { Job } from "@roundhouse/protocol/api/job";
import { formError, pathErrors } from "../api/field-errors.ts";
import { blockedFor } from "../api/session.ts";
import { UnsavedDialog } from "../files/file-dialogs.tsx";
import { Button, IconButton } from "../parts/button.tsx";
import { TextArea, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { useShortcuts } from "../shell/keys.ts";
import { DryRun } from "./dry-run.tsx";
import css from "./job-page.module.css";
import { LimitFields } from "./limit-fields.tsx";
import { ModelFields } from "./model-fields.tsx";
import { NodeFields } from "./node-fields.tsx";
import { RemoveJobDialog } from "./page.tsx";
import { ResultFields } from "./result-fields.tsx";
import { Section } from "./section.tsx";
import { ToolFields } from "./tool-fields.tsx";
import { TriggerFields } from "./trigger-fields.tsx";
import { type JobForm, useJob } from "./use-job.ts";

const FIELDS = [
  ...["name", "instructions", "nodes", "provider", "model", "fallbacks", "tools", "toolDecisions", "triggers"],
  ...["limits", "output", "notify", "secrets", "onUnknown"],
];

/** Another job is another form. */
export function JobPage({ params }: { params: { id: string } }) {
  const from = new URLSearchParams(useSearch()).get("from");
  return <JobEditor key={`${params.id} ${from}`} id={params.id} from={from} />;
}

function JobEditor({ id, from }: { id: string; from: string | null }) {
  const page = useJob(id, from);
  const { draft, change, job, error, isDirty } = page;
  const [asked, setAsked] = useState<"leave" | "remove" | null>(null);
  const errors = pathErrors(error);
  useEffect(() => {
    if (error) document.querySelector<HTMLElement>("main [aria-invalid]")?.focus();
  }, [error]);
  const save = (event: KeyboardEvent): void => {
    event.preventDefault();
    page.submit();
  };
  useShortcuts({ "Mod+s": save });
  return (
    <div class={frame.page}>
      <Head
        page={page}
        onLeave={() => (isDirty ? setAsked("leave") : page.leave())}
        onRemove={() => setAsked("remove")}
      />
      <ErrorNotice error={page.readError} />
      <ErrorNotice error={formError(error, FIELDS)} />
      {draft && <Form form={{ draft, change, errors }} />}
      {draft && <DryRun job={job} isDirty={isDirty} save={page.save} />}
      {asked === "leave" && (
        <UnsavedDialog name={draft?.name || "the new job"} onClose={() => setAsked(null)} onDiscard={page.leave}>
          What you changed is not saved yet.
        </UnsavedDialog>
      )}
      {asked === "remove" && job && <RemoveJobDialog job={job} onRemoved={page.leave} onClose={() => setAsked(null)} />}
    </div>
  );
}

type HeadProps = { page: ReturnType<typeof useJob>; onLeave: () => void; onRemove: () => void };

function Head({ page, onLeave, onRemove }: HeadProps) {
  const { isNew, isDirty, job, draft } = page;
  const blocked = blockedFor("admin") ?? (draft === undefined ? "It is still being read." : undefined);
  return (
    <header class={frame.head}>
      <div>
        <h1>{isNew ? "New job" : (job?.name ?? "Job")}</h1>
        {job && <RunsLink job={job} />}
      </div>
      <span class={css.dirty} aria-live="polite">
        {isDirty ? "● not saved" : ""}
      </span>
      {job && <IconButton icon="trash" tone="bad" label={`Remove ${job.name}`} blocked={blocked} onClick={onRemove} />}
      <Button onClick={onLeave}>{isDirty ? "Discard" : "Back"}</Button>
      <Button
        look="primary"
        icon="check"
        title="Save (Ctrl+S)"
        blocked={blocked}
        busy={page.busy}
        onClick={page.submit}
      >
        {isNew ? "Make the job" : "Save"}
      </Button>
    </header>
  );
}

function RunsLink({ job }: { job: Job }) {
  return (
    <p class={frame.quiet}>
      {job.enabled ? "On" : "Off"} · <Link href={`/jobs/runs?job=${encodeURIComponent(job.id)}`}>Its runs</Link>
    </p>
  );
}

function Form({ form }: { form: JobForm }) {
  const { draft, change, errors } = form;
  return (
    <div class={css.columns}>
      <div class={css.column}>
        <Section title="What is to be done">
          <TextField
            label="Name"
            value={draft.name}
            maxLength={60}
            error={errors["name"]}
            onInput={(name) => change({ name })}
          />
          <TextArea
            label="Instructions"
            rows={14}
            value={draft.instructions}
            error={errors["instructions"]}
            help="In plain words: what to look at, what to do, what to leave alone, and what to answer at the end."
            onInput={(instructions) => change({ instructions })}
          />
        </Section>
        <TriggerFields form={form} />
        <ToolFields form={form} />
      </div>
      <div class={css.column}>
        <ModelFields form={form} />
        <NodeFields form={form} />
        <LimitFields form={form} />
        <ResultFields form={form} />
      </div>
    </div>
  );
}
