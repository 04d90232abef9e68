/** Sends a file of any size into an instance's folder in chunks, and goes on after whatever interrupts it (tus 1.0.0). */
import {
  decodeUploadPath,
  DEFAULT_UPLOAD_FOLDER,
  encodeUploadMetadata,
  TUS_BODY_TYPE,
  TUS_VERSION,
  UPLOAD_PATH_HEADER,
} from "@roundhouse/protocol/tus";
import { request } from "../api/call.ts";
import { ApiError } from "../api/errors.ts";
import { backoffMs } from "../live/backoff.ts";
import { keyOf, type UploadTarget } from "./kept.ts";
import { sendChunk } from "./send-chunk.ts";

export type UploadOptions = UploadTarget & {
  file: File;
  signal: AbortSignal;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  /** Something is in the way; it is tried again by itself. */
  onWaiting?: (retryInMs: number) => void;
};

/** Where an upload stands. */
type State = { offset: number; path: string | null };

/** Below the size at which proxies on the way refuse a request. */
const CHUNK_BYTES = 32 * 1024 * 1024;
const DISCARD_RETRIES = 4;

/**
 * Resolves when the file lies in its place. An upload of the same file that was broken off is continued, also by another
 * page. Rejects with `ApiError` for what waiting does not mend, and with the signal's reason when it aborts.
 */
export async function uploadFile(options: UploadOptions): Promise<{ path: string }> {
  const { file, signal, onWaiting } = options;
  const key = keyOf(options);
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      const url = localStorage.getItem(key) ?? (await create(options, key));
      let state = stateOf((await request(url, { ...TUS, signal })).headers);
      while (state.path === null) {
        state = await sendNext(url, state.offset, options);
        failures = 0;
      }
      localStorage.removeItem(key);
      return { path: state.path };
    } catch (error) {
      signal.throwIfAborted();
      if (isForgotten(error) && localStorage.getItem(key) !== null) localStorage.removeItem(key);
      else if (!isPassing(error)) throw error;
      // A file that was moved or changed on disk looks like a lost network to the browser.
      await file.slice(0, 1).arrayBuffer();
      const waitMs = backoffMs(failures);
      onWaiting?.(waitMs);
      await pause(waitMs, signal);
    }
  }
}

/** Forgets an upload that was broken off, and removes what the node has of it. @throws {ApiError} */
export async function discardUpload(target: UploadTarget): Promise<void> {
  const key = keyOf(target);
  const url = localStorage.getItem(key);
  localStorage.removeItem(key);
  if (url === null) return;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await request(url, { ...TUS, method: "DELETE" });
      return;
    } catch (error) {
      if (isForgotten(error)) return;
      if (!isPassing(error)) throw error;
      // It may be busy with the last bytes for a moment. What stays out of reach, the node removes by itself after a day.
      if (attempt === DISCARD_RETRIES) return;
      await pause(backoffMs(attempt));
    }
  }
}

const TUS = { method: "GET", headers: { "Tus-Resumable": TUS_VERSION } };

/** Makes a new upload and remembers its URL. */
async function create(options: UploadOptions, key: string): Promise<string> {
  const { instanceId, file, root = "instance", folder = DEFAULT_UPLOAD_FOLDER, overwrite = false, signal } = options;
  const metadata = encodeUploadMetadata({ filename: file.name, root, path: folder, overwrite: String(overwrite) });
  const headers = { ...TUS.headers, "Upload-Length": String(file.size), "Upload-Metadata": metadata };
  const path = `/api/instances/${encodeURIComponent(instanceId)}/uploads`;
  const url = (await request(path, { method: "POST", headers, signal })).headers.get("Location");
  if (url === null) throw new ApiError(0, "odd_answer", "The control plane did not say where to send the file.");
  localStorage.setItem(key, url);
  return url;
}

async function sendNext(url: string, offset: number, { file, signal, onProgress }: UploadOptions): Promise<State> {
  onProgress(offset, file.size);
  const headers = { ...TUS.headers, "Content-Type": TUS_BODY_TYPE, "Upload-Offset": String(offset) };
  const answered = await sendChunk(url, headers, file.slice(offset, offset + CHUNK_BYTES), {
    signal,
    onProgress: (bytes) => onProgress(offset + bytes, file.size),
  });
  const state = stateOf(answered);
  onProgress(state.offset, file.size);
  return state;
}

function stateOf(headers: Headers): State {
  const path = headers.get(UPLOAD_PATH_HEADER);
  return { offset: Number(headers.get("Upload-Offset")), path: path === null ? null : decodeUploadPath(path) };
}

/** The node keeps an unfinished upload for a day. */
function isForgotten(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { code, status } = error;
  return code === "no_answer" || code === "upload_offset" || status === 423 || status === 429 || status >= 500;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", settle);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    if (signal?.aborted) settle();
    else signal?.addEventListener("abort", settle);
  });
}
