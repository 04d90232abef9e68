/** A tus client that resumes, over bare HTTP: sends what a source makes, and can be cut off at any byte. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type IncomingMessage, request as startRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeUploadPath, encodeUploadMetadata, TUS_BODY_TYPE, TUS_VERSION } from "@roundhouse/protocol/tus";

export type Source = { size: number; read(offset: number, bytes: number): Buffer };

export type TusTarget = { port: number; key: string; instance: string };

export type UploadOptions = {
  chunkBytes: number;
  metadata: { filename: string; path?: string; overwrite?: string };
  /** Called with how many bytes of the file left this side, which waits for it; true breaks the connection. */
  onSent?: (bytes: number) => boolean | Promise<boolean>;
  /** How long one thing may be in the way. */
  patienceMs?: number;
};

export type Uploaded = { path: string; retries: number };

type State = { offset: number; path: string | null };
type Answered = { status: number; headers: IncomingMessage["headers"]; text: string };

const PIECE_BYTES = 256 * 1024;
const RETRY_MS = 200;

/** Uploads the whole source, and goes on after whatever interrupts it. */
export async function upload(target: TusTarget, source: Source, options: UploadOptions): Promise<Uploaded> {
  const { patienceMs = 60_000 } = options;
  let url: string | undefined;
  let retries = 0;
  let lastGood = Date.now();
  for (;;) {
    try {
      url ??= await create(target, source.size, options.metadata);
      let state = stateOf(await send(target, "HEAD", url));
      while (state.path === null) {
        state = await patch(target, url, state.offset, source, options);
        lastGood = Date.now();
      }
      return { path: state.path, retries };
    } catch (error) {
      retries += 1;
      if (Date.now() - lastGood > patienceMs || error instanceof Refused) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Bytes that differ everywhere, made as they are asked for: no file is needed, however long it is. */
export function numberedBlocks(size: number, seed: Buffer): Source {
  const read = (offset: number, bytes: number): Buffer => {
    const made = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes;) at += seed.copy(made, at, (offset + at) % seed.length);
    // Every 8 KiB begin with their own place, so that none can be lost or swapped unseen. A cut may fall into one.
    const mark = Buffer.alloc(8);
    for (let place = Math.floor(offset / 8192) * 8192; place < offset + bytes; place += 8192) {
      mark.writeBigUInt64BE(BigInt(place));
      const skipped = Math.max(0, offset - place);
      if (skipped < mark.length) mark.copy(made, place + skipped - offset, skipped);
    }
    return made;
  };
  return { size, read };
}

export function hashOf(source: Source): string {
  const hash = createHash("sha256");
  for (let at = 0; at < source.size; at += PIECE_BYTES) {
    hash.update(source.read(at, Math.min(PIECE_BYTES, source.size - at)));
  }
  return hash.digest("hex");
}

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** An answer that asking again does not mend. */
class Refused extends Error {}

async function create(target: TusTarget, size: number, metadata: Record<string, string>): Promise<string> {
  const headers = { "Upload-Length": String(size), "Upload-Metadata": encodeUploadMetadata(metadata) };
  const answer = await send(target, "POST", `/api/instances/${target.instance}/uploads`, headers);
  const { location } = answer.headers;
  if (answer.status !== 201 || !location) throw refusalOf("POST", answer);
  return location;
}

async function patch(
  target: TusTarget,
  url: string,
  offset: number,
  source: Source,
  { chunkBytes, onSent }: UploadOptions,
): Promise<State> {
  const end = Math.min(offset + chunkBytes, source.size);
  const headers = {
    "Content-Type": TUS_BODY_TYPE,
    "Content-Length": String(end - offset),
    "Upload-Offset": String(offset),
  };
  return stateOf(
    await send(target, "PATCH", url, headers, async (write) => {
      for (let at = offset; at < end; at += PIECE_BYTES) {
        const sent = Math.min(at + PIECE_BYTES, end);
        await write(source.read(at, sent - at));
        if (await onSent?.(sent)) throw new Error(`cut at byte ${sent}`);
      }
    }),
  );
}

function stateOf(answer: Answered): State {
  const { status, headers } = answer;
  if (status !== 200 && status !== 204) throw refusalOf("it", answer);
  const path = headers["upload-path"];
  return { offset: Number(headers["upload-offset"]), path: typeof path === "string" ? decodeUploadPath(path) : null };
}

function refusalOf(what: string, { status, text }: Answered): Error {
  const isPassing = status >= 500 || status === 423 || (status === 409 && text.includes("upload_offset"));
  const message = `${what} was answered with ${status}: ${text}`;
  return isPassing ? new Error(message) : new Refused(message);
}

type Write = (bytes: Buffer) => Promise<void>;

function send(
  { port, key }: TusTarget,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  writeBody?: (write: Write) => Promise<void>,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const all = { Host: `localhost:${port}`, Authorization: `Bearer ${key}`, "Tus-Resumable": TUS_VERSION, ...headers };
    const request = startRequest({ host: "127.0.0.1", port, method, path, headers: all, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on("error", reject);
    if (!writeBody) return void request.end();
    const write: Write = (bytes) =>
      new Promise((taken, failed) => {
        request.once("close", failed);
        request.write(bytes, () => {
          request.off("close", failed);
          taken();
        });
      });
    writeBody(write).then(
      () => request.end(),
      (error: unknown) => request.destroy(error instanceof Error ? error : new Error("the connection is gone")),
    );
  });
}
