/** The one error of services, its status over HTTP, and the one place that turns any error into a response. */
import * as z from "zod";
import type { ErrorBody, ErrorCode } from "@roundhouse/protocol/errors";

export const ERROR_STATUS: Record<ErrorCode, ErrorStatus> = {
  bad_json: 400,
  invalid_input: 400,
  body_too_large: 413,
  unauthenticated: 401,
  forbidden: 403,
  bad_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  name_taken: 409,
  hostname_taken: 409,
  port_out_of_range: 400,
  port_taken: 409,
  port_pool_empty: 409,
  conflict: 409,
  unknown_blueprint: 400,
  blueprint_without_metadata: 400,
  bad_blueprint: 400,
  blueprint_in_use: 409,
  unknown_node: 400,
  node_offline: 503,
  node_full: 409,
  apps_not_confirmed: 409,
  node_lacks: 409,
  has_satellites: 409,
  is_satellite: 409,
  join_token_invalid: 401,
  join_token_expired: 401,
  join_token_used: 401,
  sign_in_failed: 401,
  sign_in_link_invalid: 401,
  too_many_requests: 429,
  unknown_host: 421,
  app_unavailable: 503,
  app_not_granted: 403,
  app_moved: 410,
  not_installed: 409,
  file_exists: 409,
  not_a_file: 409,
  folder_not_empty: 409,
  file_changed: 412,
  bad_range: 416,
  disk_full: 413,
  upload_protocol: 412,
  upload_type: 415,
  upload_offset: 409,
  upload_busy: 423,
  unknown_secret: 400,
  secret_in_use: 409,
  unknown_provider: 400,
  provider_in_use: 409,
  provider_failed: 502,
  unknown_mcp_server: 400,
  mcp_server_in_use: 409,
  mcp_server_failed: 502,
  mcp_tool_not_approved: 409,
  bad_schedule: 400,
  bad_webhook_signature: 401,
  already_decided: 409,
  request_aborted: 499,
  internal: 500,
};
type ErrorStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 410
  | 412
  | 413
  | 415
  | 416
  | 421
  | 423
  | 429
  | 499
  | 500
  | 502
  | 503;

export type ErrorExtras = { hint?: string; details?: unknown; cause?: unknown };

export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, { hint, details, cause }: ErrorExtras = {}) {
    super(message, { cause });
    this.name = "ServiceError";
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

/** What a program or a person gets to see of an error. Anything unforeseen is logged and answered without its text. */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof ServiceError) {
    const { code, message, hint, details } = error;
    return { error: { code, message, hint, details } };
  }
  console.error("unforeseen error", error);
  return {
    error: { code: "internal", message: "Something went wrong on our side.", hint: "Look at the server's log." },
  };
}

export function toErrorResponse(error: unknown): Response {
  const body = toErrorBody(error);
  const headers = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  for (const [name, value] of Object.entries(headersOf(body))) headers.set(name, value);
  return Response.json(body, { status: ERROR_STATUS[body.error.code], headers });
}

/** What HTTP wants said in a header as well. */
function headersOf({ error: { code, details } }: ErrorBody): Record<string, string> {
  const facts = HeaderFacts.safeParse(details).data ?? {};
  if (code === "unauthenticated") return { "www-authenticate": "Bearer" };
  if (code === "method_not_allowed" && facts.allow) return { allow: facts.allow.join(", ") };
  if (code === "too_many_requests" && facts.retryAfterSeconds) return { "retry-after": `${facts.retryAfterSeconds}` };
  if (code === "bad_range" && facts.size !== undefined) return { "content-range": `bytes */${facts.size}` };
  return {};
}

const HeaderFacts = z.object({
  size: z.int().optional(),
  allow: z.array(z.string()).optional(),
  retryAfterSeconds: z.int().optional(),
});

/** True for the error D1 answers when a unique index refuses a row; `index` is a column or index it must name. */
export function isUniqueViolation(error: unknown, index: string): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/UNIQUE constraint failed/.test(at.message) && at.message.includes(index)) return true;
  }
  return false;
}
