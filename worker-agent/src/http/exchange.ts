/** One HTTP request over `node:http`: bodies stream both ways, and what aborts the request ends it at the other side. */
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebStream } from "node:stream/web";
import { passedOn } from "./headers.ts";
import { wordFault } from "./words.ts";

export type Outgoing = {
  method: string;
  headers: Readonly<Record<string, string>>;
  /** Text goes out with its length. */
  body?: Request["body"] | string;
  signal: AbortSignal;
};

const NO_BODY_STATUS = new Set([204, 205, 304]);

/**
 * Redirects are answers like any other. Silence is waited for: a model may think for minutes before its first word, and
 * whoever asked aborts when that is too long. Rejects where nothing answered, in words for people.
 */
export async function exchange(target: URL, outgoing: Outgoing): Promise<Response> {
  try {
    return toResponse(await send(target, outgoing));
  } catch (error) {
    throw new Error(wordFault(target, error), { cause: error });
  }
}

function send(target: URL, { method, headers, body, signal }: Outgoing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const ask = target.protocol === "https:" ? httpsRequest : httpRequest;
    // A connection of its own: a kept one may be closed by the other side at the moment of use.
    const outgoing = ask(target, { method, signal, headers, agent: false }, resolve);
    outgoing.on("error", reject);
    if (!body || typeof body === "string") return void outgoing.end(body || undefined);
    // Its failure destroys the request, which says so itself; after an answer it is the answer that counts.
    pipeline(Readable.fromWeb(body as WebStream<Uint8Array>), outgoing).catch(reject);
  });
}

function toResponse(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 0;
  const headers = answerHeaders(incoming.rawHeaders);
  if (NO_BODY_STATUS.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, { status, headers });
}

function answerHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return new Headers(passedOn(headers));
}
