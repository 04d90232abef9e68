/** One HTTP request to an app of this node (SPEC ST1–ST8; mirror of the hub's http-stream.ts). */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Frame, freeData, type ResetCode, type ResponseHead } from "@roundhouse/protocol/frames";
import { MAX_HEAD_BYTES, MAX_REPLY_BODY_BYTES } from "@roundhouse/protocol/limits";
import { freshConnections, keptConnections, loopbackLookup, readPastParser } from "./app-connections.ts";
import { gather } from "./gather.ts";
import { fromApp, toApp } from "./headers.ts";
import { Side } from "./side.ts";
import type { Stream, StreamPort } from "./stream.ts";

/** How long a small body may keep its head waiting, so that both travel in one frame. */
const REPLY_PATIENCE_MS = 10;
/** Bodies from this length on are worth a connection of their own. */
const PAST_PARSER_FROM_BYTES = 1024 * 1024;
const NO_BODY_STATUS = new Set([204, 205, 304]);
/** Requests that may be sent twice: a kept connection may be closed by the app at the moment of use. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS"]);

export class HttpStream implements Stream {
  readonly #port: StreamPort;
  readonly #appPort: number;
  readonly #side: Side;
  #request: ClientRequest;
  #answered = false;

  constructor(port: StreamPort, appPort: number) {
    this.#port = port;
    this.#appPort = appPort;
    this.#side = new Side(port);
    this.#request = this.#start();
  }

  onFrame(frame: Frame): void {
    if (this.#side.ended) return;
    switch (frame.type) {
      case "data":
        return this.#onData(frame.bytes);
      case "end":
        this.#request.end();
        return;
      case "credit":
        return this.#side.sender.grant(frame.offset);
      case "reset":
        return this.abandon();
      case "open":
      case "head":
      case "reply":
      case "message":
      case "close":
        return this.#reset("protocol", `a ${frame.type} frame on an HTTP stream`);
    }
  }

  abandon(): void {
    if (this.#side.ended) return;
    this.#side.finish();
    this.#request.destroy();
  }

  #start(): ClientRequest {
    const { method, path, headers, hasBody } = this.#port.head;
    const appHeaders = toApp(headers, this.#appPort);
    // Node frames a body by itself only for some methods.
    if (hasBody && appHeaders["content-length"] === undefined) appHeaders["transfer-encoding"] = "chunked";
    // An app that is told to close may answer before it took the body, and take its answer away with the connection.
    if (hasBody) appHeaders["connection"] = "keep-alive";
    const request = httpRequest({
      host: "localhost",
      lookup: loopbackLookup,
      port: this.#appPort,
      method,
      path,
      headers: appHeaders,
      agent: !hasBody && REPEATABLE.has(method) ? keptConnections : freshConnections,
      setHost: false,
      maxHeaderSize: MAX_HEAD_BYTES,
    });
    request.on("response", (response) => void this.#onResponse(response));
    request.on("error", (error: NodeJS.ErrnoException) => this.#onError(request, error));
    // Node drops an unasked 101 without an error.
    request.on("close", () => this.#onError(request, new Error("it hung up without an answer")));
    if (!hasBody) request.end();
    else request.flushHeaders();
    return request;
  }

  #onData(bytes: Uint8Array): void {
    if (!this.#side.received(bytes.length)) return this.#reset("protocol", "more data than was granted");
    const { length } = bytes;
    this.#request.write(bytes, (error) => {
      if (!error) freeData(bytes);
      this.#side.taken(length);
    });
  }

  #onError(request: ClientRequest, error: NodeJS.ErrnoException): void {
    // An app may answer and hang up before it took the whole body: the answer's own stream says how it ended.
    if (this.#side.ended || this.#answered || request !== this.#request) return;
    if (request.reusedSocket && error.code === "ECONNRESET") {
      this.#request = this.#start();
      return;
    }
    this.#reset("unreachable", `the app on port ${this.#appPort} did not answer: ${error.code ?? error.message}`);
  }

  async #onResponse(response: IncomingMessage): Promise<void> {
    this.#answered = true;
    const headers = fromApp(response.rawHeaders, this.#port.head.headers, this.#appPort);
    const head: ResponseHead = { status: response.statusCode ?? 0, headers };
    if (head.status < 200 || head.status > 599) {
      return this.#reset("protocol", `the app on port ${this.#appPort} answered with status ${head.status}`);
    }
    if (this.#side.ended) return;
    const body = this.#bodyOf(response);
    try {
      if (body === response && (await this.#replyAtOnce(response, head))) return;
      this.#side.say({ type: "head", head });
      for await (const chunks of gather(body, this.#port.dataFrameBytes)) {
        const sent = await this.#side.sender.sendAll(chunks, (pieces) => this.#side.sayData(pieces));
        if (!sent) return;
      }
      this.#side.say({ type: "end" });
      this.#finish();
    } catch (error) {
      this.#reset(
        "unreachable",
        `the app's answer broke off: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Node's parser copies what it reads, so a large body is read past it. */
  #bodyOf(response: IncomingMessage): Readable {
    const length = Number(response.headers["content-length"]);
    if (!(length >= PAST_PARSER_FROM_BYTES) || this.#isBodiless(response.statusCode ?? 0)) return response;
    return readPastParser(response, length);
  }

  #isBodiless(status: number): boolean {
    return this.#port.head.method === "HEAD" || NO_BODY_STATUS.has(status);
  }

  /** Sends a small body with its head in one frame, when all of it comes soon. True when nothing is left to be sent. */
  async #replyAtOnce(response: IncomingMessage, head: ResponseHead): Promise<boolean> {
    const bodiless = this.#isBodiless(head.status);
    const isHere = bodiless || (await isAllHere(response));
    if (this.#side.ended) return true;
    if (!isHere) return false;
    const body = bodiless ? null : (response.read() as Buffer | null);
    response.resume();
    this.#side.say({ type: "reply", head, body: body ?? new Uint8Array() });
    this.#finish();
    return true;
  }

  /** The answer is whole. What is left of the request's body has nobody to read it. */
  #finish(): void {
    this.#side.finish();
    if (!this.#request.writableEnded) this.#request.destroy();
  }

  #reset(code: ResetCode, message: string): void {
    if (this.#side.ended) return;
    this.#side.sayReset(code, message);
    this.abandon();
  }
}

/** Whether the whole of a small body is here, still unread: one of a known length within a moment, another one at once. */
async function isAllHere(response: IncomingMessage): Promise<boolean> {
  // The parser goes on first: with what came in one packet with the head.
  await Promise.resolve();
  const length = response.headers["content-length"];
  if (length !== undefined) return Number(length) <= MAX_REPLY_BODY_BYTES && isBuffered(response, Number(length));
  // Its end is often in the packet of its head, which is read to the end first.
  await nextTurn();
  return response.complete && response.readableLength <= MAX_REPLY_BODY_BYTES;
}

/** Whether `length` bytes of the body are here within a moment, still unread. */
function isBuffered(response: IncomingMessage, length: number): Promise<boolean> {
  if (length === 0 || response.readableLength >= length) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      response.off("readable", look);
      response.off("error", settle);
      resolve(response.readableLength >= length);
    };
    const look = (): void => {
      if (response.readableLength >= length) settle();
    };
    const timer = setTimeout(settle, REPLY_PATIENCE_MS);
    response.on("readable", look);
    response.on("error", settle);
  });
}
