/** The body of a server's answer on its way to a client, message by message (SPEC MC6, MC9, MC10). */
import { parseJson } from "@roundhouse/protocol/json";
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import { wholeJson } from "../services/whole-json.ts";
import type { Message } from "./channel.ts";
import { leadsAway, toClient } from "./headers.ts";
import { CODE, failure } from "./json-rpc.ts";
import type { Screen } from "./screen.ts";
import { EventSplitter, isAmbiguous, messageEvent, readEvent, TooLargeError, withData } from "./sse.ts";

const TOO_LARGE = `the server sent a message of more than ${MAX_MCP_MESSAGE_BYTES / 1024 / 1024} MiB`;
const NO_JSON = "the server sent a message that is no JSON";
const AWAY = "redirects and logins end at the gateway; what it needs is set where the server was added to the pool";
const NEWLINE = 10;

/** `refused` are answers of the gateway itself, which the client gets in the same answer. */
export async function screened(answer: Response, screen: Screen, refused: readonly Message[]): Promise<Response> {
  const headers = toClient(answer.headers);
  const { status, body } = answer;
  const unfit = unfitness(answer);
  if (unfit !== undefined) {
    await body?.cancel();
    const told = broken(screen, refused, unfit);
    return json(told.length > 0 ? told : [failure(null, CODE.transport, unfit)], 502, headers);
  }
  if (!body || status === 202) {
    await body?.cancel();
    return refused.length > 0 ? json(refused, 200, headers) : new Response(null, { status, headers });
  }
  const type = (answer.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "text/event-stream") {
    headers.set("content-type", type);
    return new Response(body.pipeThrough(eventScreen(screen, refused)), { status, headers });
  }
  if (type === "application/json" || type.endsWith("+json")) return screenedJson(answer, screen, refused, headers);
  // No client takes messages from text, whatever is in it.
  headers.set("content-type", "text/plain");
  return new Response(body, { status, headers });
}

/** What is left unanswered gets an error, and the connection ends. */
function broken(screen: Screen, refused: readonly Message[], why: string): Message[] {
  return [...refused, ...screen.unanswered().map((id) => failure(id, CODE.internal, why))];
}

/** Why nothing of an answer is for a client. */
function unfitness({ status, headers }: Response): string | undefined {
  if (leadsAway(status)) return `the server answered ${status}: ${AWAY}`;
  const isPlain = (headers.get("content-encoding") ?? "identity").trim().toLowerCase() === "identity";
  return isPlain ? undefined : "the server compressed its answer, unasked";
}

function json(messages: readonly Message[], status: number, headers: Headers): Response {
  return wholeJson(messages.length === 1 ? messages[0] : messages, status, Object.fromEntries(headers));
}

type Bytes = Uint8Array;

/** What breaks an answer is told in its form, as the answer to each request that has none. */
function screening(
  { push, end }: { push: (bytes: Bytes) => AsyncIterable<Bytes>; end: () => AsyncIterable<Bytes> },
  tell: (why: string) => Bytes[],
  first: readonly Bytes[] = [],
): TransformStream<Bytes, Bytes> {
  const move = async (from: AsyncIterable<Bytes>, controller: TransformStreamDefaultController<Bytes>) => {
    try {
      for await (const bytes of from) controller.enqueue(bytes);
    } catch (error) {
      if (!(error instanceof TooLargeError || error instanceof NoJsonError)) throw error;
      for (const bytes of tell(error instanceof NoJsonError ? NO_JSON : TOO_LARGE)) controller.enqueue(bytes);
      controller.terminate();
    }
  };
  return new TransformStream({
    start: (controller) => {
      for (const bytes of first) controller.enqueue(bytes);
    },
    transform: (bytes, controller) => move(push(bytes), controller),
    flush: (controller) => move(end(), controller),
  });
}

class NoJsonError extends Error {}

function eventScreen(screen: Screen, refused: readonly Message[]): TransformStream<Bytes, Bytes> {
  const splitter = new EventSplitter(MAX_MCP_MESSAGE_BYTES);
  const push = async function* (bytes: Bytes) {
    for (const event of splitter.push(bytes)) yield await screenedEvent(event, screen);
  };
  const end = async function* () {
    const rest = splitter.rest();
    if (rest.length > 0) yield await screenedEvent(rest, screen);
  };
  const asEvents = (messages: readonly Message[]) => messages.map((message) => messageEvent(JSON.stringify(message)));
  return screening({ push, end }, (why) => asEvents(broken(screen, [], why)), asEvents(refused));
}

async function screenedEvent(event: Bytes, screen: Screen): Promise<Bytes> {
  const { data, type } = readEvent(event);
  const isBare = data.trim() === "";
  const kept = isBare ? data : await screen.passText(data);
  if (kept === data) return isAmbiguous(event) ? withData(event, isBare ? undefined : data) : event;
  if (kept === undefined && (type === "" || type === "message")) throw new NoJsonError();
  return withData(event, kept);
}

/** A body of known length is answered as a whole; another may be a stream of lines, each with a message. */
async function screenedJson(
  answer: Response,
  screen: Screen,
  refused: readonly Message[],
  headers: Headers,
): Promise<Response> {
  const { status } = answer;
  const body = answer.body as ReadableStream<Uint8Array>;
  headers.set("content-type", "application/json");
  if (refused.length === 0 && !answer.headers.has("content-length"))
    return new Response(body.pipeThrough(lineScreen(screen)), { status, headers });
  const text = await textOf(body);
  if (text === undefined) return json(broken(screen, refused, TOO_LARGE), status, headers);
  const kept = await screen.passText(text);
  if (kept === undefined) return json(broken(screen, refused, NO_JSON), status, headers);
  if (refused.length > 0) return json([...refused, ...[parseJson(kept) as Message].flat()], status, headers);
  const bytes = new TextEncoder().encode(kept);
  headers.set("content-length", String(bytes.length));
  return new Response(bytes, { status, headers });
}

/** undefined: it is larger than a message may be. */
export async function textOf(body: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    // Leaving the loop cancels the body.
    if (size > MAX_MCP_MESSAGE_BYTES) return undefined;
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** Where the first line is a whole message, each line is one. */
function lineScreen(screen: Screen): TransformStream<Bytes, Bytes> {
  let parts: Bytes[] = [];
  let size = 0;
  let isLines: boolean | undefined;
  const keep = (bytes: Bytes) => {
    parts.push(bytes);
    size += bytes.length;
    if (size > MAX_MCP_MESSAGE_BYTES) throw new TooLargeError();
  };
  const push = async function* (bytes: Bytes) {
    if (isLines === false || !bytes.includes(NEWLINE)) return keep(bytes);
    let rest: Bytes = Buffer.concat([...parts, bytes]);
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      const line = rest.subarray(0, end + 1);
      isLines ??= startsMessages(line);
      if (!isLines) break;
      rest = rest.subarray(end + 1);
      yield await screenedLine(line, screen);
    }
    parts = [];
    size = 0;
    keep(rest);
  };
  const end = async function* () {
    const rest = Buffer.concat(parts);
    if (rest.length > 0) yield await screenedLine(rest, screen);
  };
  const tell = (why: string) =>
    broken(screen, [], why).map((message) => new TextEncoder().encode(JSON.stringify(message)));
  return screening({ push, end }, tell);
}

async function screenedLine(line: Bytes, screen: Screen): Promise<Bytes> {
  const text = new TextDecoder().decode(line);
  if (text.trim() === "") return line;
  const kept = await screen.passText(text);
  if (kept === undefined) throw new NoJsonError();
  return kept === text ? line : new TextEncoder().encode(`${kept}\n`);
}

function startsMessages(line: Uint8Array): boolean {
  return parseJson(new TextDecoder().decode(line)) !== undefined;
}
