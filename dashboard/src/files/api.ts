/** The files of an instance, as the pages ask for them. */
import type { FileEntry, FileRoot, MoveFile } from "@roundhouse/protocol/files";
import { TEXT_TYPE } from "@roundhouse/protocol/file-types";
import { encodeUploadPath } from "@roundhouse/protocol/tus";
import { call, request } from "../api/call.ts";
import { formatBytes } from "../parts/format.ts";
import { MAX_EDIT_BYTES } from "./kinds.ts";

/** Something below a root of an instance. */
export type Spot = { instance: string; root: FileRoot; path: string };
type Page = { items: FileEntry[]; cursor: string | null };
export type Listing = { items: FileEntry[]; isWhole: boolean };
export type Text = { text: string; etag: string | null };

const PAGE_SIZE = 500;
/** More rows than this help nobody, and cost the browser much. */
const MOST_ITEMS = 4_000;

export function urlOf({ instance, root, path }: Spot, query = ""): string {
  return `/api/instances/${instance}/files/${encodeUploadPath(path)}?root=${root}${query}`;
}

/** A folder, or as much of it as is shown. @throws {ApiError} */
export async function listFolder({ instance, root, path }: Spot): Promise<Listing> {
  const items: FileEntry[] = [];
  const base = `/api/instances/${instance}/files?root=${root}&path=${encodeURIComponent(path)}&limit=${PAGE_SIZE}`;
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page = await call("GET", base + next);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== null && items.length < MOST_ITEMS);
  return { items, isWhole: cursor === null };
}

/** The text of a file, byte for byte; undefined when it is no UTF-8 text. @throws {ApiError} */
export async function readText(spot: Spot, signal?: AbortSignal): Promise<Text | undefined> {
  const response = await request(urlOf(spot), { headers: {}, signal });
  if (Number(response.headers.get("content-length")) > MAX_EDIT_BYTES) {
    await response.body?.cancel();
    throw new Error(`It is larger than ${formatBytes(MAX_EDIT_BYTES)} by now, too large to be edited. Download it.`);
  }
  const text = decode(await response.arrayBuffer());
  return text === undefined ? undefined : { text, etag: response.headers.get("etag") };
}

/** The beginning of a text, for reading only; undefined when it is no text. @throws {ApiError} */
export async function readBeginning(spot: Spot, bytes: number, signal?: AbortSignal): Promise<string | undefined> {
  const response = await request(urlOf(spot), { headers: { range: `bytes=0-${bytes - 1}` }, signal });
  const content = await response.arrayBuffer();
  return response.headers.get("content-type") === TEXT_TYPE ? new TextDecoder().decode(content) : undefined;
}

/** Only over the version that `etag` names; null only where nothing bears the name. @throws {ApiError} */
export async function writeText(spot: Spot, text: string, etag: string | null): Promise<FileEntry> {
  const condition: Record<string, string> = etag === null ? { "if-none-match": "*" } : { "if-match": etag };
  const headers = { "content-type": "application/octet-stream", ...condition };
  const response = await request(urlOf(spot), { method: "PUT", headers, body: text });
  return (await response.json()) as FileEntry;
}

export async function makeFolder(spot: Spot): Promise<void> {
  await call("POST", urlOf(spot));
}

export async function moveFile(spot: Spot, to: string): Promise<void> {
  await call("PATCH", urlOf(spot), { to } satisfies MoveFile);
}

export async function removeFile(spot: Spot, isFolder: boolean): Promise<void> {
  await call("DELETE", urlOf(spot, isFolder ? "&recursive=1" : ""));
}

/** A byte order mark stays a character, so that it is saved again. */
function decode(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined; // Not UTF-8: edited as text it would be spoilt.
  }
}
