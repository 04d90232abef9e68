/** Error codes of the HTTP API. A code never changes its meaning; people and programs rely on it. */
import * as z from "zod";

export const ErrorCode = z.enum([
  "bad_json",
  "invalid_input",
  "body_too_large",
  "unauthenticated",
  "forbidden",
  "bad_origin",
  "not_found",
  "method_not_allowed",
  "name_taken",
  "hostname_taken",
  "port_out_of_range",
  "port_taken",
  "port_pool_empty",
  "conflict",
  "unknown_blueprint",
  "blueprint_without_metadata",
  "bad_blueprint",
  "blueprint_in_use",
  "unknown_node",
  "node_offline",
  "node_full",
  "apps_not_confirmed",
  "node_lacks",
  "has_satellites",
  "is_satellite",
  "join_token_invalid",
  "join_token_expired",
  "join_token_used",
  "sign_in_failed",
  "sign_in_link_invalid",
  "too_many_requests",
  "unknown_host",
  "app_unavailable",
  "app_not_granted",
  "app_moved",
  "not_installed",
  "file_exists",
  "not_a_file",
  "folder_not_empty",
  "file_changed",
  "bad_range",
  "disk_full",
  "upload_protocol",
  "upload_type",
  "upload_offset",
  "upload_busy",
  "request_aborted",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

export const ErrorBody = z
  .object({
    error: z.object({
      code: ErrorCode,
      message: z.string(),
      hint: z.string().optional(),
      details: z.unknown().optional(),
    }),
  })
  .meta({ id: "Error" });
export type ErrorBody = z.infer<typeof ErrorBody>;
