/**
 * Saves a file. A plain link cannot carry the session's proof, and a way in that can be copied out of a link is none that
 * we want; so the file is fetched, in ranges that the browser may put on its disk, and handed over when it is whole.
 */
import { request } from "../api/call.ts";
import { type Spot, urlOf } from "./api.ts";

const PIECE_BYTES = 16 * 1024 * 1024;

/** @throws {ApiError} when the node does not answer, and an error when the file changes meanwhile. */
export async function downloadFile(spot: Spot, name: string, size: number): Promise<void> {
  const pieces: Blob[] = [];
  let version: string | null | undefined;
  for (let at = 0; at < size || at === 0; at += PIECE_BYTES) {
    const headers: Record<string, string> = size === 0 ? {} : { range: `bytes=${at}-${at + PIECE_BYTES - 1}` };
    const response = await request(urlOf(spot, "&download=1"), { headers });
    const etag = response.headers.get("etag");
    version ??= etag;
    if (etag !== version) throw new Error(`${name} was changed while it was downloaded. Try again.`);
    pieces.push(await response.blob());
  }
  save(new Blob(pieces, { type: "application/octet-stream" }), name);
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
