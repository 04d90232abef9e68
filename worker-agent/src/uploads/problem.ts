/** Why an upload's request is refused, in the shape of the API's errors. */
import type { ErrorBody } from "@roundhouse/protocol/errors";

const STATUS = {
  invalid_input: 400,
  not_found: 404,
  method_not_allowed: 405,
  not_installed: 409,
  file_exists: 409,
  upload_offset: 409,
  upload_protocol: 412,
  body_too_large: 413,
  disk_full: 413,
  upload_type: 415,
  upload_busy: 423,
  internal: 500,
} satisfies Partial<Record<ErrorBody["error"]["code"], number>>;

export class UploadProblem extends Error {
  readonly code: keyof typeof STATUS;
  readonly hint: string | undefined;

  constructor(code: keyof typeof STATUS, message: string, hint?: string) {
    super(message);
    this.name = "UploadProblem";
    this.code = code;
    this.hint = hint;
  }

  get status(): number {
    return STATUS[this.code];
  }

  get body(): ErrorBody {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}
