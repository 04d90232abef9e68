/** Reads JSON bodies with a cap, before any route sees them. Runs after the guard: strangers send us nothing. */
import type { MiddlewareHandler } from "hono";
import { ServiceError } from "../services/error.ts";
import { readTextBody } from "../services/text-body.ts";

export const MAX_BODY_BYTES = 1024 * 1024;
const METHODS_WITH_BODY = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const JSON_TYPE = /^application\/([a-z0-9.+-]+\+)?json\b/i;

/** An absent body counts as `{}`, so that validation names the fields that are missing. */
export const jsonBody: MiddlewareHandler<{ Variables: { streamed: boolean } }> = async (c, next) => {
  const request = c.req.raw;
  if (METHODS_WITH_BODY.has(request.method) && !c.var.streamed) {
    const text = await readText(request);
    if (text !== "") requireJsonType(request);
    const value: unknown = text === "" ? {} : parseJson(text);
    c.req.raw = withBody(request, JSON.stringify(value));
  }
  await next();
};

function withBody(request: Request, body: string): Request {
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  return new Request(request.url, { method: request.method, headers, body });
}

/** Throws `body_too_large` by the announced length, and again by what really arrives. */
async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const notText = (cause: Error) => badJson("The body is not UTF-8 text.", cause);
  return readTextBody(request, { maxBytes: MAX_BODY_BYTES, keepByteOrderMark: false, tooLarge, notText });
}

function requireJsonType(request: Request): void {
  const type = request.headers.get("content-type");
  if (type === null || JSON_TYPE.test(type)) return;
  throw badJson(`The body is ${JSON.stringify(type)}, not JSON.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = positionOf(error, text);
    const place = position === undefined ? "" : `, from character ${position} on`;
    throw badJson(`The body is not JSON${place}: ${error.message}`, error, { position });
  }
}

/** V8 names the place; or the text simply ends too early; or, in a short text, it quotes what it stumbled over. */
function positionOf({ message }: SyntaxError, text: string): number | undefined {
  const named = /position (\d+)/.exec(message)?.[1];
  if (named !== undefined) return Number(named);
  return message.startsWith("Unexpected end") ? text.length : undefined;
}

function badJson(message: string, cause?: unknown, details?: unknown): ServiceError {
  const hint = "Send one JSON object with `content-type: application/json`.";
  return new ServiceError("bad_json", message, { hint, details, cause });
}

function tooLarge(): ServiceError {
  return new ServiceError("body_too_large", `The body is larger than ${MAX_BODY_BYTES} bytes.`, {
    hint: "No input of this API is that large; files go to /api/instances/{id}/uploads.",
    details: { maxBytes: MAX_BODY_BYTES },
  });
}
