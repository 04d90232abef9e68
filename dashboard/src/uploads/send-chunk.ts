/** One PATCH of an upload. By XMLHttpRequest, since fetch does not tell how much of a body was sent. */
import { PROOF_HEADER } from "@roundhouse/protocol/session";
import { ApiError, readError } from "../api/errors.ts";
import { loadProof } from "../api/proof.ts";

type ChunkOptions = { signal: AbortSignal; onProgress: (sentBytes: number) => void };

/** The headers of the answer. @throws {ApiError} */
export async function sendChunk(
  url: string,
  headers: Record<string, string>,
  chunk: Blob,
  options: ChunkOptions,
): Promise<Headers> {
  const xhr = await send(url, headers, chunk, options);
  if (xhr.status >= 200 && xhr.status < 300) return headersOf(xhr);
  throw await readError(new Response(xhr.responseText, { status: xhr.status }));
}

function send(
  url: string,
  headers: Record<string, string>,
  chunk: Blob,
  { signal, onProgress }: ChunkOptions,
): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = (): void => xhr.abort();
    signal.addEventListener("abort", abort);
    xhr.open("PATCH", url);
    const proof = loadProof();
    if (proof !== null) xhr.setRequestHeader(PROOF_HEADER, proof);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onloadend = () => {
      signal.removeEventListener("abort", abort);
      if (xhr.status > 0) resolve(xhr);
      else reject(new ApiError(0, "no_answer", "The connection broke off."));
    };
    xhr.send(chunk);
  });
}

function headersOf(xhr: XMLHttpRequest): Headers {
  const lines = xhr.getAllResponseHeaders().split("\r\n").filter(Boolean);
  return new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
