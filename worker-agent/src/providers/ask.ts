/** One request to a provider: bodies stream both ways, and what aborts the request ends it there (SPEC PV3, PV4). */
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebStream } from "node:stream/web";
import { answerHeaders, requestHeaders } from "./headers.ts";
import { wordFault } from "./words.ts";

const NO_BODY_STATUS = new Set([204, 205, 304]);

/**
 * Redirects are answers like any other. Silence is waited for: a model may think for minutes before its first word, and
 * whoever asked aborts when that is too long.
 */
export async function askProvider(target: URL, request: Request): Promise<Response> {
  try {
    return toResponse(await send(target, request));
  } catch (error) {
    throw new Error(wordFault(target, error), { cause: error });
  }
}

function send(target: URL, request: Request): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const ask = target.protocol === "https:" ? httpsRequest : httpRequest;
    const { method, signal } = request;
    // A connection of its own: a kept one may be closed by the other side at the moment of use.
    const outgoing = ask(target, { method, signal, headers: requestHeaders(request), agent: false }, resolve);
    outgoing.on("error", reject);
    if (!request.body) return void outgoing.end();
    // Its failure destroys the request, which says so itself; after an answer it is the answer that counts.
    pipeline(Readable.fromWeb(request.body as WebStream<Uint8Array>), outgoing).catch(reject);
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
