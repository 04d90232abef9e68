/** One HTTP request to a port of an instance on this machine, and its answer as text. Redirects are not followed. */
import { type IncomingMessage, request as ask } from "node:http";
import { isBinary } from "./binary.ts";

export type HttpCall = {
  port: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
  timeoutMs: number;
};

export type HttpFound = { ok: boolean; text: string };

const MAX_BODY_BYTES = 1024 * 1024;
/** Of the connection, not of the request: the client's own are right. */
const NOT_PASSED_ON =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|keep-alive|te|trailer|expect|proxy-.*)$/i;
/** What of an answer's head helps a model. */
const TOLD_HEADERS = ["content-type", "location", "retry-after", "www-authenticate", "allow"];
const FIRST_BAD_STATUS = 400;

/** Never rejects: an app that does not answer is an answer, too. */
export async function askApp(call: HttpCall, signal?: AbortSignal): Promise<HttpFound> {
  const limit = AbortSignal.timeout(call.timeoutMs);
  try {
    const response = await send(call, signal ? AbortSignal.any([signal, limit]) : limit);
    const { bytes, isCut } = await readBody(response);
    const status = response.statusCode ?? 0;
    return { ok: status < FIRST_BAD_STATUS, text: `${headOf(response)}\n\n${bodyOf(bytes, isCut)}` };
  } catch (error) {
    return { ok: false, text: describe(error, call, limit) };
  }
}

function send({ port, method, path, headers, body }: HttpCall, signal: AbortSignal): Promise<IncomingMessage> {
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.test(name)));
  return new Promise((resolve, reject) => {
    const request = ask({ host: "127.0.0.1", port, method, path, headers: passed, signal, agent: false }, resolve);
    request.once("error", reject);
    request.end(body ?? undefined);
  });
}

async function readBody(response: IncomingMessage): Promise<{ bytes: Buffer; isCut: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > MAX_BODY_BYTES) return { bytes: Buffer.concat(parts).subarray(0, MAX_BODY_BYTES), isCut: true };
  }
  return { bytes: Buffer.concat(parts), isCut: false };
}

function headOf(response: IncomingMessage): string {
  const lines = TOLD_HEADERS.flatMap((name) => {
    const value = response.headers[name];
    return value === undefined ? [] : [`${name}: ${String(value)}`];
  });
  return [`HTTP ${response.statusCode} ${response.statusMessage ?? ""}`.trim(), ...lines].join("\n");
}

function bodyOf(bytes: Buffer, isCut: boolean): string {
  if (isBinary(bytes)) return `(${isCut ? "more than " : ""}${bytes.length} bytes that are no text)`;
  return new TextDecoder().decode(bytes) + (isCut ? `\n(The rest beyond ${MAX_BODY_BYTES} bytes was not read.)` : "");
}

function describe(error: unknown, { port, timeoutMs }: HttpCall, limit: AbortSignal): string {
  if (limit.aborted) {
    return `Port ${port} did not answer within ${timeoutMs / 1000} s. Whether the app did what was asked is not known.`;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return `Nothing listens on port ${port}: the request was not sent.`;
  return `The request to port ${port} broke off: ${error instanceof Error ? error.message : String(error)}.`;
}
