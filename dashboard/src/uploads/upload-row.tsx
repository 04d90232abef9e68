/** One upload: how far it is, how fast, and what can be done about it. */
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { explain } from "../api/errors.ts";
import { now } from "../live/now.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { formatBytes, formatBytesOf, formatDuration } from "../parts/format.ts";
import { toastError } from "../shell/toasts.tsx";
import { cancelUpload, forget, overwriteWith, pauseUpload, resumeUpload } from "./queue.ts";
import { remainingMs } from "./rate.ts";
import css from "./upload.module.css";
import { percent, type Upload } from "./uploads.ts";

export function UploadRow({ upload }: { upload: Upload }) {
  const { file, state, sentBytes } = upload;
  return (
    <li class={css.upload} data-state={state}>
      <strong class={css.name} title={file.name}>
        {file.name}
      </strong>
      <span class={css.tools}>
        <Tools upload={upload} />
      </span>
      <progress
        class={css.progress}
        aria-label={`Sent of ${file.name}`}
        max={Math.max(1, file.size)}
        value={state === "done" ? Math.max(1, file.size) : sentBytes}
      />
      <p class={css.words} role={state === "failed" || state === "exists" ? "alert" : undefined}>
        {words(upload, now.value)}
      </p>
    </li>
  );
}

function Tools({ upload }: { upload: Upload }) {
  const { id, file, state } = upload;
  const isOver = state === "done";
  const canPause = state === "queued" || state === "sending" || state === "waiting";
  const canResume = state === "paused" || state === "failed";
  return (
    <>
      {canPause && <IconButton icon="pause" label={`Pause ${file.name}`} onClick={() => pauseUpload(id)} />}
      {canResume && (
        <IconButton
          icon={state === "failed" ? "restart" : "play"}
          label={`${state === "failed" ? "Try again" : "Resume"}: ${file.name}`}
          onClick={() => resumeUpload(id)}
        />
      )}
      {state === "exists" && (
        <Button look="danger" aria-label={`Overwrite ${file.name}`} onClick={() => overwriteWith(id)}>
          Overwrite
        </Button>
      )}
      <IconButton
        icon="close"
        label={isOver ? `Take ${file.name} off the list` : `Cancel ${file.name}`}
        onClick={() => (isOver ? forget(id) : void cancelUpload(upload).catch(toastError))}
      />
    </>
  );
}

function words(upload: Upload, at: number): string {
  const { file, sentBytes } = upload;
  const done = `${percent(sentBytes, file.size)} %`;
  switch (upload.state) {
    case "queued":
      return sentBytes === 0 ? `${formatBytes(file.size)}, in line` : `in line, goes on at ${done}`;
    case "sending":
      return [`${done}, ${formatBytesOf(sentBytes, file.size)}`, ...pace(upload)].join(" · ");
    case "waiting":
      return `waiting, resumes at ${done} (next try in ${formatDuration(upload.retryAt - at)})`;
    case "paused":
      return `paused at ${done}`;
    case "exists":
      return "Another file of this name lies there. Overwrite it?";
    case "failed":
      return explain(upload.error);
    case "done":
      return `done: ${upload.path}`;
    default:
      return unreachable(upload);
  }
}

function pace({ file, sentBytes, bytesPerSecond }: Upload): string[] {
  if (bytesPerSecond === null) return [];
  const left = remainingMs(file.size - sentBytes, bytesPerSecond);
  const rate = `${formatBytes(bytesPerSecond)}/s`;
  return left === null ? [rate] : [rate, `${formatDuration(left)} left`];
}
