/**
 * The bytes of a file as a browser may have them. The file is an app's, and the node may be anybody's: whatever they say,
 * nothing of it ever runs in the dashboard's origin (SPEC FS4). So headers are ours, and only those.
 */
import { BYTES_TYPE, dispositionOf, isShownType } from "@roundhouse/protocol/file-types";

const TOLD = ["content-length", "content-range", "accept-ranges", "etag", "last-modified"];

/** `name` is the file's; `download` asks to save also what could be shown. */
export function contentAnswer(response: Response, name: string, download: boolean): Response {
  const type = response.headers.get("content-type") ?? "";
  const isShown = isShownType(type);
  const headers = new Headers({
    "content-type": isShown ? type : BYTES_TYPE,
    "content-disposition": dispositionOf(isShown && !download ? "inline" : "attachment", name),
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
  });
  for (const header of TOLD) {
    const value = response.headers.get(header);
    if (value !== null) headers.set(header, value);
  }
  return new Response(response.body, { status: response.status, headers, encodeBody: "manual" });
}
