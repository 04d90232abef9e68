/** Words of tus 1.0.0, resumable uploads over HTTP (SPEC UP1–UP9). No zod here: the dashboard bundles this file. */

export const TUS_VERSION = "1.0.0";
export const TUS_EXTENSIONS = "creation,creation-with-upload,termination,expiration";
/** The only type of a body with bytes of a file. */
export const TUS_BODY_TYPE = "application/offset+octet-stream";

/** Beside those of tus: where a finished upload lies in its instance's folder, percent-encoded. */
export const UPLOAD_PATH_HEADER = "Upload-Path";
/** Where files go unless the metadata's `path` names another folder of the instance. */
export const DEFAULT_UPLOAD_FOLDER = "uploads";

/** The value of `Upload-Metadata`: keys, and values as base64 of their UTF-8. */
export function encodeUploadMetadata(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`.trimEnd())
    .join(",");
}

/** Undefined when a key is empty or repeated, or a value is not base64 of UTF-8. */
export function decodeUploadMetadata(header: string): Map<string, string> | undefined {
  const metadata = new Map<string, string>();
  for (const pair of header.split(",").map((part) => part.trim())) {
    const [key = "", value = "", ...rest] = pair.split(" ");
    const text = decodeBase64(value);
    if (key === "" || metadata.has(key) || text === undefined || rest.length > 0) return undefined;
    metadata.set(key, text);
  }
  return metadata;
}

export function encodeUploadPath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function decodeUploadPath(header: string): string {
  return decodeURIComponent(header);
}

function decodeBase64(value: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // Not base64, or not UTF-8: the caller says so.
  }
}
