/** What a person is told of a launch that could not be made. */
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { LaunchError } from "../blueprints/runtime.ts";
import { isErrno } from "../keeper/durable-file.ts";
import { messageOf } from "./saved-state.ts";

export function reasonOfFailure(error: unknown): KnownReason {
  if (error instanceof LaunchError) return { code: error.code, message: error.message, hint: error.hint };
  if (isErrno(error, "ENOSPC") || isErrno(error, "EDQUOT")) {
    return {
      code: "disk_full",
      message: "the node's disk is full, so it could not be launched",
      hint: "Delete what is not needed there: models, outputs, the trash, other instances. Then start it again.",
    };
  }
  return { code: "launch_failed", message: messageOf(error) };
}
