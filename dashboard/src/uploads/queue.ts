/** Sends the chosen files, one after another for each instance, whether or not anybody looks on. */
import { effect } from "@preact/signals";
import type { FileRoot } from "@roundhouse/protocol/files";
import { ApiError } from "../api/errors.ts";
import { addSample, rateOf, type Sample } from "./rate.ts";
import { discardUpload, uploadFile } from "./tus-client.ts";
import { activeUploads, type Upload, uploads, type UploadState } from "./uploads.ts";

const running = new Map<number, AbortController>();
let lastId = 0;

export function addFiles(instanceId: string, files: Iterable<File>, folder: string, root: FileRoot = "instance"): void {
  const added = Array.from(files, (file): Upload => {
    lastId += 1;
    const nothingSent = { sentBytes: 0, bytesPerSecond: null, overwrite: false };
    return { id: lastId, instanceId, file, root, folder, ...nothingSent, state: "queued" };
  });
  uploads.value = [...uploads.value, ...added];
  startNext(instanceId);
}

export function pauseUpload(id: number): void {
  change(id, { state: "paused", bytesPerSecond: null });
  end(id);
}

/** Goes on with one that was paused, or tries one again that failed. */
export function resumeUpload(id: number): void {
  const upload = change(id, { state: "queued" });
  if (upload) startNext(upload.instanceId);
}

export function overwriteWith(id: number): void {
  const upload = change(id, { state: "queued", overwrite: true });
  if (upload) startNext(upload.instanceId);
}

/** What has been sent of it is removed from the node. */
export async function cancelUpload(upload: Upload): Promise<void> {
  forget(upload.id);
  end(upload.id);
  if (upload.state !== "done") await discardUpload(upload);
}

/** Takes one that is over off the list. */
export function forget(id: number): void {
  uploads.value = uploads.value.filter((upload) => upload.id !== id);
}

function startNext(instanceId: string): void {
  const ofInstance = uploads.value.filter((upload) => upload.instanceId === instanceId);
  if (ofInstance.some(({ id }) => running.has(id))) return;
  const next = ofInstance.find(({ state }) => state === "queued");
  if (next) void send(next);
}

async function send(upload: Upload): Promise<void> {
  const { id, instanceId, file, root, folder, overwrite } = upload;
  const controller = new AbortController();
  running.set(id, controller);
  change(id, { state: "sending" });
  let samples: Sample[] = [];
  try {
    const { path } = await uploadFile({
      instanceId,
      file,
      root,
      folder,
      overwrite,
      signal: controller.signal,
      onProgress: (sentBytes) => {
        samples = addSample(samples, { at: Date.now(), bytes: sentBytes });
        if (!controller.signal.aborted) change(id, { state: "sending", sentBytes, bytesPerSecond: rateOf(samples) });
      },
      onWaiting: (retryInMs) => {
        samples = [];
        change(id, { state: "waiting", retryAt: Date.now() + retryInMs, bytesPerSecond: null });
      },
    });
    change(id, { state: "done", path, sentBytes: file.size });
  } catch (error) {
    // Paused or cancelled: whoever did that has said what it is now.
    if (!controller.signal.aborted) change(id, afterError(error));
  }
  if (running.get(id) === controller) running.delete(id);
  startNext(instanceId);
}

function afterError(error: unknown): UploadState {
  if (error instanceof ApiError && error.code === "file_exists") return { state: "exists" };
  return { state: "failed", error };
}

function end(id: number): void {
  running.get(id)?.abort();
  running.delete(id);
}

/** The upload as it is now; undefined when it is no longer on the list. */
function change(id: number, part: Partial<Upload> | UploadState): Upload | undefined {
  uploads.value = uploads.value.map((upload) => (upload.id === id ? ({ ...upload, ...part } as Upload) : upload));
  return uploads.value.find((upload) => upload.id === id);
}

/** The browser asks before a page with running uploads is left. */
const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();
effect(() => {
  if (activeUploads.value.length > 0) addEventListener("beforeunload", askBeforeLeaving);
  else removeEventListener("beforeunload", askBeforeLeaving);
});
