/** Why an instance is in its state: every code that an agent gives, in one table. `docs/failures.md` says what each one means. */
import type { Reason } from "./instance.ts";

export const REASON_CODES = [
  // A launch that cannot work as things are.
  "bad_container",
  "bad_output_path",
  "copy_failed",
  "origin_gone",
  "bad_script",
  "bad_version",
  "empty_blueprint",
  "folder_taken",
  "keeper_failed",
  "kind_unsupported",
  "launch_failed",
  "mount_refused",
  "no_bash",
  "no_docker",
  "no_free_port",
  "no_script",
  "node_lacks",
  "not_a_folder",
  "not_given",
  "parent_missing",
  "port_in_use",
  "secret_unavailable",
  "unsafe_data_root",
  // A launch that waits.
  "copying",
  "waiting_for_blueprint",
  "waiting_for_family",
  "waiting_for_secrets",
  // A running app that is not as it should be.
  "long_install",
  "no_answer",
  "quiet",
  "watch_failed",
  // An app that ended.
  "app_gone",
  "cannot_start",
  "command_missing",
  "container_failed",
  "crashed",
  "disk_full",
  "exited",
  "gpu_missing",
  "gpu_out_of_memory",
  "image_unavailable",
  "keeper_ended",
  "keeper_lost",
  "killed",
  "module_missing",
  "no_network",
  "not_executable",
  "out_of_memory",
  // A step other than a launch that went wrong.
  "internal",
  "not_killed",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** A reason of this build; a newer agent's may have codes beyond these. */
export type KnownReason = Reason & { code: ReasonCode };
