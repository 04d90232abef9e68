/** A run with data beside it: what a webhook's body would be, typed by a person. */
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Job } from "@roundhouse/protocol/api/job";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextArea } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { runJob, runPath } from "./actions.ts";
import { readRunData } from "./run-data.ts";

export function RunDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const { submit, busy, error } = useSubmit(async () => {
    const read = readRunData(text);
    setProblem("problem" in read ? read.problem : undefined);
    if ("problem" in read) return;
    navigate(runPath((await runJob(job, { data: read.data })).id));
  });
  return (
    <Dialog
      title={`Run ${job.name}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" icon="play" look="primary" busy={busy}>
          Run
        </Button>
      }
    >
      <ErrorNotice error={formError(error, ["data"])} />
      <TextArea
        label="Data"
        mono
        rows={8}
        placeholder={'{"version": "1.4.2"}'}
        value={text}
        error={problem ?? fieldErrors(error)["data"]}
        help="JSON, at most 64 KiB. The model gets it beside the instructions, marked as not to be trusted, as it gets a webhook's body."
        onInput={setText}
      />
    </Dialog>
  );
}
