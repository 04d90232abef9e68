/** Answers a GET of a file: its type, its validators, and its bytes or a range of them. */
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { BYTES_TYPE, mediaTypeOf, TEXT_TYPE } from "@roundhouse/protocol/file-types";
import { etagOf } from "./entry.ts";
import type { OpenFile } from "./open-file.ts";
import { type ByteRange, parseRange } from "./range.ts";

const SNIFFED_BYTES = 8 * 1024;
const CHUNK_BYTES = 128 * 1024;

/** Takes the file over and closes it, at the latest when the answer's body ends. */
export async function answerFile({ file, found }: OpenFile, name: string, request: Request): Promise<Response> {
  try {
    const etag = etagOf(found);
    const headers = { ...validators(found, etag), "content-type": await typeOf(file, name) };
    if (matches(request.headers.get("if-none-match"), etag)) return await bodiless(file, 304, headers);
    const size = Number(found.size);
    const range = isCurrent(request, etag) ? parseRange(request.headers.get("range"), size) : undefined;
    const { start, end } = range ?? { start: 0, end: size - 1 };
    const sized = { ...headers, "content-length": String(end - start + 1), ...contentRange(range, size) };
    const status = range ? 206 : 200;
    if (request.method === "HEAD") return await bodiless(file, status, sized);
    return new Response(bytesOf(file, start, end), { status, headers: sized });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether an `If-Match` or `If-None-Match` header names the etag, or anything at all. */
export function matches(header: string | null, etag: string | null): boolean {
  if (header === null || etag === null) return false;
  return header.trim() === "*" || header.split(",").some((one) => one.trim() === etag);
}

function validators(found: BigIntStats, etag: string): Record<string, string> {
  const modified = new Date(Number(found.mtimeMs));
  const isDate = !Number.isNaN(modified.getTime());
  return { etag, "accept-ranges": "bytes", ...(isDate ? { "last-modified": modified.toUTCString() } : {}) };
}

/** A range of another version is no range of this one. */
function isCurrent(request: Request, etag: string): boolean {
  const ifRange = request.headers.get("if-range");
  return ifRange === null || ifRange.trim() === etag;
}

function contentRange(range: ByteRange | undefined, size: number): Record<string, string> {
  return range ? { "content-range": `bytes ${range.start}-${range.end}/${size}` } : {};
}

async function bodiless(file: FileHandle, status: number, headers: Record<string, string>): Promise<Response> {
  await file.close();
  return new Response(null, { status, headers });
}

async function typeOf(file: FileHandle, name: string): Promise<string> {
  const media = mediaTypeOf(name);
  if (media !== undefined) return media;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
  return isText(buffer.subarray(0, bytesRead)) ? TEXT_TYPE : BYTES_TYPE;
}

/** UTF-8 without a NUL; the last character may be cut off. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false; // Another encoding, or no text at all: it is saved as it is.
  }
}

/** Read as it is taken, a chunk at a time. A file that lost bytes meanwhile breaks off, since its length was told. */
function bytesOf(file: FileHandle, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const wanted = Math.min(CHUNK_BYTES, end + 1 - at);
        if (wanted > 0) {
          const chunk = Buffer.allocUnsafeSlow(wanted);
          const { bytesRead } = await file.read(chunk, 0, wanted, at);
          if (bytesRead === 0) throw new Error("the file became shorter while it was read");
          at += bytesRead;
          controller.enqueue(chunk.subarray(0, bytesRead));
        }
        if (at <= end) return;
        await file.close();
        controller.close();
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}
