/** Why a request about files is refused, in the shape of the API's errors. */
import type { ErrorBody } from "@roundhouse/protocol/errors";
import { isErrno } from "../keeper/durable-file.ts";

const STATUS = {
  invalid_input: 400,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  not_installed: 409,
  file_exists: 409,
  not_a_file: 409,
  folder_not_empty: 409,
  upload_offset: 409,
  file_changed: 412,
  upload_protocol: 412,
  body_too_large: 413,
  disk_full: 413,
  upload_type: 415,
  bad_range: 416,
  upload_busy: 423,
  internal: 500,
} satisfies Partial<Record<ErrorBody["error"]["code"], number>>;

export class FileProblem extends Error {
  readonly code: keyof typeof STATUS;
  readonly hint: string | undefined;
  readonly details: unknown;

  constructor(code: keyof typeof STATUS, message: string, hint?: string, details?: unknown) {
    super(message);
    this.name = "FileProblem";
    this.code = code;
    this.hint = hint;
    this.details = details;
  }

  get status(): number {
    return STATUS[this.code];
  }

  /** For who knows nothing of HTTP. */
  get told(): string {
    return this.code === "disk_full" && this.hint ? `${this.message} ${this.hint}` : this.message;
  }

  get body(): ErrorBody {
    const { code, message, hint, details } = this;
    return { error: { code, message, hint, details } };
  }
}

const REFUSED = ["EACCES", "EPERM", "EROFS"];

/** Any error as one that can be told; `whenFull` says what a full disk means here. */
export function toFileProblem(error: unknown, whenFull: string): FileProblem {
  if (error instanceof FileProblem) return error;
  if (isErrno(error, "ENOSPC") || isErrno(error, "EDQUOT")) {
    return new FileProblem("disk_full", "The node's disk is full.", whenFull);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (REFUSED.some((code) => isErrno(error, code))) {
    const hint = "Its owner is another user, or the disk is read-only: look at it in the node's own terminal.";
    return new FileProblem(
      "conflict",
      `The node's system refuses this (${/^\w+/.exec(message)?.[0] ?? message}).`,
      hint,
    );
  }
  return new FileProblem("internal", `The node could not do this: ${message}`, "Look at its agent's log.");
}
