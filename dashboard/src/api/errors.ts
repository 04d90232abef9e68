/** A call that failed, in words a person can act on. */
import type { ErrorBody, ErrorCode } from "@roundhouse/protocol/errors";

/** Codes of the API, and two of our own for answers that never came or made no sense. */
type CallErrorCode = ErrorCode | "no_answer" | "odd_answer";

export class ApiError extends Error {
  readonly status: number;
  readonly code: CallErrorCode;
  readonly hint: string | undefined;
  readonly details: unknown;

  constructor(status: number, code: CallErrorCode, message: string, hint?: string, details?: unknown) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

/** The error of a response that was not a success. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text();
  const body = parseBody(text);
  if (body === undefined) {
    return new ApiError(
      response.status,
      "odd_answer",
      `The control plane answered ${response.status}.`,
      text.slice(0, 200),
    );
  }
  const { code, message, hint, details } = body.error;
  return new ApiError(response.status, code, message, hint, details);
}

function parseBody(text: string): ErrorBody | undefined {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody> | null;
    return typeof body?.error?.message === "string" ? (body as ErrorBody) : undefined;
  } catch {
    return undefined; // Not JSON: a proxy's page, for example. The caller quotes it.
  }
}

/** Message and hint in one sentence each, for a toast. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.hint ? `${error.message} ${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
